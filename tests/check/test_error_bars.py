"""A wide error bar of memory is told with where it comes from."""

from firstmile.check.error_bars import explained
from firstmile.check.intent import Action, Intent
from firstmile.check.memory import Sizing, estimate
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world
from firstmile.facts.model_folder.folder import Gguf, Tensor

CONTEXTS = 131_072


def sized(context: int | None) -> Sizing:
    name = "llama"
    sizes = {
        "context_length": CONTEXTS,
        "block_count": 32,
        "embedding_length": 4096,
        "feed_forward_length": 14336,
        "attention.head_count": 32,
        "attention.head_count_kv": 8,
        "vocab_size": 128256,
    }
    made = {"general.architecture": name, **{f"{name}.{key}": each for key, each in sizes.items()}}
    tensor = Tensor("token_embd.weight", "F16", (4096, 128256), 0, 2 * 4096 * 128256)
    gguf = Gguf(
        path="m.gguf",
        size_bytes=tensor.end + 9,
        version=3,
        metadata=made,
        tensors=(tensor,),
        data_start=9,
    )
    there = machine(gpus=[gpu("NVIDIA GeForce RTX 4090", 24, "8.9")])
    model = folder(kind="gguf", ggufs=(gguf,))
    intent = Intent(action=Action.SERVE, engine="llama.cpp", context=context, gpu_layers=-1)
    found = explained(estimate(world(model, there), intent))
    assert isinstance(found, Sizing), found
    return found


def test_keys_and_values_of_a_context_that_nobody_named_are_the_reason() -> None:
    (said,) = [one for one in sized(None).assumptions if "error bar" in one]
    assert said.startswith("keys and values of 131,072 tokens, since the command names no context")
    assert "--ctx-size" in said


def test_a_named_context_has_no_such_reason() -> None:
    assert not [one for one in sized(4096).assumptions if "error bar" in one]


def test_a_reason_for_no_sizing_stays_as_it_is() -> None:
    assert explained("the sizes of the model") == "the sizes of the model"


def test_a_narrow_bar_is_left_alone() -> None:
    there = machine(gpus=[gpu()])
    intent = Intent(action=Action.SERVE, engine="vllm", dtype="bfloat16")
    found = estimate(world(folder(config=LLAMA), there), intent)
    assert explained(found) == found


def test_weights_that_do_not_get_through_loading_are_told_beside_what_they_take_later() -> None:
    intent = Intent(action=Action.SERVE, engine="vllm", quantization="fp8", context=2048)
    there = machine(gpus=[gpu("NVIDIA L4", 12, "8.9")], packages={"vllm": "0.11.0"})
    found = explained(estimate(world(folder(config=LLAMA), there), intent))
    assert isinstance(found, Sizing)
    (said,) = [one for one in found.assumptions if "get loaded" in one]
    assert said.startswith("that the weights get loaded, which takes 15.0 GiB of a device")
