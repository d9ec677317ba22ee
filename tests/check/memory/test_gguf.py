"""Runs of GGUF files under llama.cpp."""

from firstmile.check.changing import Change, smallest_change
from firstmile.check.command import Command, words_of
from firstmile.check.intent import Action, Intent
from firstmile.check.memory import Fit, Sizing, estimate
from firstmile.check.memory.sizing import CACHE, WEIGHTS
from firstmile.check.worlds import folder, gpu, machine, world
from firstmile.facts.model_folder.folder import Gguf, ModelFolder, Tensor
from firstmile.facts.sizes import GIB

LAYERS = 32
LAYER = 130_000_000
"""Bytes of a layer of an 8B model in Q4_K."""


def model() -> ModelFolder:
    tensors = [
        Tensor("token_embd.weight", "Q4_K", (4096, 128256), 0, 295_000_000),
        Tensor("output.weight", "Q6_K", (4096, 128256), 295_000_000, 726_000_000),
    ]
    at = 726_000_000
    for number in range(LAYERS):
        name = f"blk.{number}.ffn_up.weight"
        tensors.append(Tensor(name, "Q4_K", (4096, 14336), at, at + LAYER))
        at += LAYER
    gguf = Gguf(
        path="m.gguf",
        size_bytes=at + 8_000_000,
        version=3,
        metadata={
            "general.architecture": "llama",
            "llama.block_count": LAYERS,
            "llama.embedding_length": 4096,
            "llama.feed_forward_length": 14336,
            "llama.attention.head_count": 32,
            "llama.attention.head_count_kv": [8] * LAYERS,
            "llama.context_length": 131072,
            "tokenizer.ggml.tokens": 128256,
        },
        tensors=tuple(tensors),
        data_start=8_000_000,
    )
    return folder(kind="gguf", ggufs=(gguf,))


def sized(intent: Intent, gib: float) -> Sizing:
    there = world(model(), machine(gpus=[gpu("card", gib, "8.9")], memory_gib=64))
    found = estimate(there, intent)
    assert isinstance(found, Sizing)
    return found


def serve(layers: int | None, context: int = 8192) -> Intent:
    return Intent(action=Action.SERVE, engine="llama.cpp", context=context, gpu_layers=layers)


def test_weights_are_the_bytes_of_its_tensors() -> None:
    assert sized(serve(-1), 24).weights.likely == 726_000_000 + LAYERS * LAYER


def test_the_whole_context_is_laid_out_in_f16() -> None:
    device = sized(serve(-1), 24).device
    assert device is not None
    assert device.of(CACHE).likely == 8192 * 2 * LAYERS * 8 * 128 * 2


def test_layers_that_are_not_offloaded_stay_in_main_memory() -> None:
    half = sized(serve(16), 24).device
    assert half is not None
    assert half.of(WEIGHTS).likely < 0.55 * (726_000_000 + LAYERS * LAYER)


def test_no_number_of_layers_means_as_many_as_fit() -> None:
    found = sized(serve(None, 131072), 12)
    assert found.device is not None
    assert found.device.fit is Fit.FITS
    assert found.host.of("offloaded weights").likely > GIB


def test_a_context_that_does_not_fit_is_kept_in_eight_bits_before_it_is_cut() -> None:
    there = world(model(), machine(gpus=[gpu("card", 16, "8.9")], memory_gib=64))
    told = Command(words=tuple(words_of("llama-server -m m.gguf -ngl 99 -c 98304")))
    found = smallest_change(there, told)
    assert isinstance(found, Change)
    assert "--cache-type-k q8_0 --cache-type-v q8_0" in found.command
    assert "-c 98304" in found.command
