"""What llama.cpp lays out for keys, values and states."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.check.command import Command, read_command, words_of
from firstmile.check.intent import Intent
from firstmile.check.memory import Sizing, estimate, kv_cache, llama_cpp_cache
from firstmile.check.memory.kv_cache import Layers
from firstmile.check.memory.sizing import CACHE, WEIGHTS
from firstmile.check.worlds import folder, gpu, machine, world
from firstmile.facts.model_folder.architecture import architecture_of_gguf
from firstmile.facts.model_folder.folder import Gguf, ModelFolder, Tensor

KEYS = VALUES = 2.0


def settings(kind: str, **more: Any) -> dict[str, Any]:
    """Settings of a small model: 12 layers, 8 heads of width 64, of which 2 keep keys."""
    said = {
        "block_count": 12,
        "embedding_length": 512,
        "feed_forward_length": 1024,
        "context_length": 32768,
        "attention.head_count": 8,
        "attention.head_count_kv": 2,
        **{name.replace("__", "."): value for name, value in more.items()},
    }
    named = {f"{kind}.{name}": value for name, value in said.items()}
    return {"general.architecture": kind, **named}


def kept(metadata: dict[str, Any], keys: float = KEYS, values: float = VALUES) -> Layers:
    found = llama_cpp_cache.kept(architecture_of_gguf(metadata), metadata, keys, values)
    assert found is not None
    return found


def asked(text: str) -> Intent:
    found = read_command(Command(words=tuple(words_of(text))))
    assert found is not None
    return found


def cells(flags: str) -> llama_cpp_cache.Cells:
    return llama_cpp_cache.cells_of(asked(f"llama-server -m m.gguf {flags}"))


A_LAYER = 2 * 64 * (KEYS + VALUES)


def test_a_token_takes_its_keys_and_values_in_every_layer() -> None:
    assert kept(settings("llama")).full == 12 * A_LAYER


def test_keys_and_values_may_be_of_different_types() -> None:
    assert kept(settings("llama"), 34 / 32, 2.0).full == 12 * 2 * 64 * (34 / 32 + 2.0)


def test_one_type_that_is_named_leaves_the_other_in_f16() -> None:
    told = llama_cpp_cache.bytes_of_keys_and_values
    assert told(asked("llama-server -m m.gguf -ctk q8_0"), 34 / 32) == (34 / 32, 2.0)
    assert told(asked("llama-server -m m.gguf -ctv q4_0"), 18 / 32) == (2.0, 18 / 32)
    assert told(asked("llama-server -m m.gguf"), 2.0) == (2.0, 2.0)


def test_a_latent_is_kept_once_and_as_keys_alone() -> None:
    latent = {"attention__head_count_kv": 1, "attention__key_length": 576}
    latent |= {"attention__value_length": 512}
    absorbed = {"attention__key_length_mla": 192, "attention__value_length_mla": 128}
    assert kept(settings("deepseek2", **latent, **absorbed)).full == 12 * 576 * KEYS


def test_files_from_before_latents_keep_every_head() -> None:
    every = {"attention__head_count_kv": 8, "attention__kv_lora_rank": 512}
    every |= {"attention__key_length": 192, "attention__value_length": 128}
    every |= {"rope__dimension_count": 64}
    assert kept(settings("deepseek2", **every)).full == 12 * 8 * (192 + 128) * 2


def test_layers_differ_where_the_file_lists_their_heads() -> None:
    heads = (2, 4) * 6
    assert kept(settings("llama", attention__head_count_kv=heads)).full == 36 * 64 * 4


@pytest.mark.parametrize(
    ("kind", "more", "window", "narrow"),
    [
        ("gemma2", {}, 4096, 6),
        ("gemma3", {"attention__sliding_window": 1024}, 1024, 10),
        ("gemma3", {}, 0, 0),
        ("gpt-oss", {"attention__sliding_window": 128}, 128, 6),
        ("llama4", {}, 8192, 9),
        ("llama4", {"attention__sliding_window": 0}, 0, 0),
        ("phi3", {"attention__sliding_window": 2047}, 0, 0),
        ("llama", {"attention__sliding_window": 4096}, 0, 0),
        ("exaone4", {"attention__sliding_window": 4096}, 0, 0),
        (
            "gemma4",
            {
                "attention__sliding_window": 512,
                "attention__sliding_window_pattern": (True, True, False) * 4,
            },
            512,
            8,
        ),
    ],
)
def test_windows_are_those_of_the_architecture(
    kind: str, more: dict[str, Any], window: int, narrow: int
) -> None:
    found = kept(settings(kind, **more))
    assert (found.window, found.sliding / A_LAYER) == (window, narrow)
    assert found.full / A_LAYER == 12 - narrow


def test_layers_of_a_window_may_have_heads_of_another_width() -> None:
    wide = settings("gemma4", attention__sliding_window=512)
    wide["gemma4.attention.sliding_window_pattern"] = (True,) * 12
    wide |= {"gemma4.attention.key_length_swa": 32, "gemma4.attention.value_length_swa": 32}
    assert kept(wide).sliding == 12 * A_LAYER / 2


def test_layers_that_share_the_keys_of_others_keep_none() -> None:
    assert kept(settings("gemma4", attention__shared_kv_layers=5)).full == 7 * A_LAYER


def test_layers_that_predict_further_tokens_are_not_laid_out() -> None:
    assert kept(settings("glm4moe", nextn_predict_layers=1)).full == 11 * A_LAYER


def test_a_gated_delta_net_keeps_a_state_in_three_of_four_layers() -> None:
    states = {"ssm__conv_kernel": 4, "ssm__inner_size": 256, "ssm__state_size": 64}
    found = kept(settings("qwen3next", ssm__group_count=2, **states))
    assert found.full == 3 * A_LAYER
    assert found.state == 9 * (3 * (256 + 2 * 2 * 64) + 64 * 256) * 4


def test_layers_without_heads_keep_a_state_in_mixed_architectures() -> None:
    heads = [0, 0, 2] * 4
    states = {"ssm__conv_kernel": 4, "ssm__inner_size": 256, "ssm__state_size": 16}
    found = kept(settings("jamba", attention__head_count_kv=heads, **states))
    assert found.full == 4 * A_LAYER
    assert found.state == 8 * (3 * 256 + 16 * 256) * 4


def test_feed_forward_layers_alone_keep_nothing() -> None:
    heads, inner = [0, 0, 2] * 4, [0, 1024, 0] * 4
    states = {"ssm__conv_kernel": 4, "ssm__inner_size": 256, "ssm__state_size": 16}
    mixed = settings("nemotron_h", attention__head_count_kv=heads, **states)
    mixed["nemotron_h.feed_forward_length"] = inner
    assert kept(mixed).state == 4 * (3 * 256 + 16 * 256) * 4


def test_mamba_keeps_no_keys() -> None:
    states = {"ssm__conv_kernel": 4, "ssm__inner_size": 256, "ssm__state_size": 16}
    found = kept(settings("mamba", attention__head_count=0, **states))
    assert (found.full, found.sliding) == (0, 0)
    assert found.state == 12 * (3 * 256 + 16 * 256) * 4


def test_four_conversations_share_a_cache_unless_a_number_is_named() -> None:
    four, two, shared = cells("-c 9000"), cells("-c 9000 -np 2"), cells("-np 2 --kv-unified")
    assert (four.slots, four.caches, four.assumed) == (4, 1, True)
    assert (two.slots, two.caches, two.assumed) == (2, 2, False)
    assert (shared.slots, shared.caches) == (2, 1)
    alone = llama_cpp_cache.cells_of(asked("llama-cli -m m.gguf -c 9000"))
    assert (alone.slots, alone.assumed) == (1, False)


def test_a_window_holds_every_conversation_and_one_step() -> None:
    gemma = kept(settings("gemma3", attention__sliding_window=1000))
    assert cells("-c 9000").laid_out(gemma).window == 4608
    assert cells("-c 9000 -np 1").laid_out(gemma).window == 1536
    assert cells("-c 9000 -np 3 -ub 2048").laid_out(gemma).window == 3072


def test_whole_windows_are_as_long_as_the_context() -> None:
    gemma = kept(settings("gemma3", attention__sliding_window=1000))
    whole = cells("-c 9000 --swa-full").laid_out(gemma)
    assert (whole.full, whole.sliding) == (12 * A_LAYER, 0)


def model(*, tied: bool = False, further: int = 0) -> ModelFolder:
    sizes = {"token_embd.weight": 400, "blk.0.attn_q.weight": 1000, "blk.11.attn_q.weight": 2000}
    sizes |= {} if tied else {"output.weight": 500}
    sizes |= {"output_norm.weight": 1}
    tensors, at = [], 0
    for name, size in sizes.items():
        tensors.append(Tensor(name, "F16", (size // 2,), at, at + size))
        at += size
    metadata = settings("gemma3", attention__sliding_window=1000, nextn_predict_layers=further)
    gguf = Gguf(
        path="m.gguf",
        size_bytes=at + 100,
        version=3,
        metadata=metadata,
        tensors=tuple(tensors),
        data_start=100,
    )
    return folder(kind="gguf", ggufs=(gguf,))


def sized(found: ModelFolder, flags: str, gib: float | None = None) -> Sizing:
    cards = [gpu("card", gib, "8.9")] if gib else []
    there = world(found, machine(gpus=cards, memory_gib=64))
    sizing = estimate(there, asked(f"llama-server -m m.gguf {flags}"))
    assert isinstance(sizing, Sizing)
    return sizing


def test_each_conversation_of_a_named_number_has_its_share_of_the_context() -> None:
    alike = sized(model(), "-c 8192 -np 4").host.of(CACHE)
    gemma = kept(settings("gemma3", attention__sliding_window=1000))
    each = gemma.full * 2048 + gemma.sliding * 1536
    assert (alike.likely, alike.low) == (4 * each, 4 * each)


def test_the_number_of_conversations_that_is_not_named_may_be_one() -> None:
    amount = sized(model(), "-c 8192").host.of(CACHE)
    gemma = kept(settings("gemma3", attention__sliding_window=1000))
    assert amount.likely == gemma.full * 8192 + gemma.sliding * 4608
    assert amount.low == gemma.full * 8192 + gemma.sliding * 1536


def test_the_embedding_stays_in_main_memory_unless_it_is_the_head() -> None:
    plain, tied = sized(model(), "-ngl 99", 24).device, sized(model(tied=True), "-ngl 99", 24)
    assert plain is not None
    assert tied.device is not None
    assert plain.of(WEIGHTS).likely == 3000 + 500 + 1
    assert tied.device.of(WEIGHTS).likely == 3000 + 400 + 1
    assert sized(model(), "-ngl 99", 24).host.of("offloaded weights").likely == 400


def test_switches_are_read_from_flags_and_variables() -> None:
    def of(text: str) -> llama_cpp_cache.Cells:
        return llama_cpp_cache.cells_of(asked(text))

    serve = "llama-server -m m.gguf -np 2"
    assert not of(f"LLAMA_ARG_KV_UNIFIED=1 {serve}").own
    assert of(f"LLAMA_ARG_KV_UNIFIED=0 {serve}").own
    assert of(f"{serve} -no-kvu").own
    assert of(f"LLAMA_ARG_SWA_FULL=true {serve}").whole_windows
    assert not of(f"{serve} --no-swa-full").whole_windows
    assert not of(f"LLAMA_ARG_NO_KV_OFFLOAD=1 {serve}").offloaded
    assert of(serve).offloaded
    half = asked(f"LLAMA_ARG_CACHE_TYPE_V=q8_0 {serve}")
    assert llama_cpp_cache.bytes_of_keys_and_values(half, 34 / 32) == (2.0, 34 / 32)


def test_the_cache_of_layers_in_main_memory_lies_there() -> None:
    whole = sized(model(), "-c 8192 -np 1 -ngl 99", 24)
    half = sized(model(), "-c 8192 -np 1 -ngl 6", 24)
    kept_there = sized(model(), "-c 8192 -np 1 -ngl 99 -nkvo", 24)
    assert whole.device is not None
    assert half.device is not None
    assert kept_there.device is not None
    size = whole.device.of(CACHE).likely
    assert size > 0
    assert whole.host.of(CACHE).likely == 0
    assert half.device.of(CACHE).likely == half.host.of(CACHE).likely == size / 2
    assert (kept_there.device.of(CACHE).likely, kept_there.host.of(CACHE).likely) == (0, size)


def test_weights_of_layers_that_predict_further_tokens_are_not_loaded() -> None:
    assert sized(model(further=1), "-c 4096").weights.likely == 400 + 1000 + 500 + 1


def test_the_longest_context_of_several_caches_fits_and_a_longer_one_does_not() -> None:
    there = world(model(), machine(gpus=[gpu("card", 2, "8.9")], memory_gib=64))
    told = "llama-server -m m.gguf -ngl 99 -np 3 -c {}"
    sizing = estimate(there, asked(told.format(4096)))
    assert isinstance(sizing, Sizing)
    assert sizing.longest is not None
    gemma = kept(settings("gemma3", attention__sliding_window=1000))
    own = cells("-np 3").laid_out(gemma)
    room = sizing.cache_room
    assert room is not None
    each = sizing.longest // 3
    assert 3 * 1.02 * kv_cache.size(own, each, block=256) <= room.low
    assert 3 * 1.02 * kv_cache.size(own, each + 256, block=256) > room.low


_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(1 << 70), 1 << 70),
    st.floats(),
    st.text(max_size=4),
    st.lists(st.one_of(st.integers(-5, 1 << 50), st.booleans(), st.text(max_size=2)), max_size=14),
)
_NAMES = (
    *("block_count", "embedding_length", "attention.head_count", "attention.head_count_kv"),
    *("attention.key_length", "attention.value_length", "attention.sliding_window"),
    *("attention.sliding_window_pattern", "attention.recurrent_layers", "nextn_predict_layers"),
    *("attention.shared_kv_layers", "full_attention_interval", "ssm.conv_kernel"),
    *("ssm.inner_size", "feed_forward_length", "shortconv.l_cache", "kda.head_dim"),
)


@given(
    kind=st.sampled_from(["llama", "gemma3", "qwen3next", "jamba", "nemotron_h", "lfm2", "mamba"]),
    said=st.dictionaries(st.sampled_from(_NAMES), _VALUES),
)
def test_settings_of_any_kind_are_read_without_an_error(kind: str, said: dict[str, Any]) -> None:
    metadata = settings(kind) | {f"{kind}.{name}": value for name, value in said.items()}
    found = llama_cpp_cache.kept(architecture_of_gguf(metadata), metadata, KEYS, VALUES)
    assert found is None or (found.full >= 0 and found.sliding >= 0 and found.state >= 0)
