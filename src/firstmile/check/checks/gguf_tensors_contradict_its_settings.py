"""The tensors of a GGUF model are those that its settings announce.

Why: llama.cpp computes each tensor's shape from the metadata and stops at the first that is not
there or has another: "check_tensor_dims: tensor 'blk.1.attn_q.weight' not found", "tensor
'token_embd.weight' has wrong shape; expected 4096, 32000, got 4096, 32001", "done_getting_tensors:
wrong number of tensors". Behind it are added tokens that the converter counted otherwise, merges
by hand, and files of forks.

Fix: convert the original again with a current `convert_hf_to_gguf.py`, its tokenizer files beside
the weights.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from firstmile.check.gguf_files import GgufModel, ggufs_of, models_of
from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.weight_files import some
from firstmile.check.worlds import folder, world
from firstmile.facts.model_folder.folder import Gguf, Tensor
from firstmile.facts.snapshot import Snapshot
from firstmile.facts.whole_numbers import whole_number
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="corruption/checkpoint",
    entries=(
        "gguf-tensors-are-not-what-the-engine-expects",
        "gguf-converter-finds-vocabularies-of-two-sizes",
    ),
    references=("https://github.com/ggml-org/llama.cpp/blob/master/src/llama-model.cpp",),
)
_ALIKE: Final = ("llama", "qwen2", "qwen3", "gemma", "gemma2", "gemma3", "mistral3")
"""Architectures whose dense layers all have queries and a feed-forward part of one size."""
MOST_BLOCKS: Final = 10_000


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Count the blocks, and compare the shapes that follow from single settings."""
    ggufs = ggufs_of(snapshot)
    if isinstance(ggufs, Verdict):
        return ggufs
    assert snapshot.model is not None
    models = models_of(snapshot.model)
    if not models:
        return does_not_apply("no GGUF file here is a language model whose header was read")
    whole = [one for one in models if one.is_whole]
    if not whole:
        return not_known("all parts of the GGUF model")
    verdicts = []
    for each in whole:
        wrong = _wrong(each)
        if wrong:
            verdicts.append(
                failed(
                    f"In the GGUF model {each.name} {some(wrong, 2)}.",
                    *(seen(text, file=each.parts[0].path) for text in wrong[:4]),
                    remedy="python convert_hf_to_gguf.py FOLDER, from the original model",
                )
            )
    return verdicts or passed("The tensors of the GGUF models are those of their settings.")


def _wrong(each: GgufModel) -> list[str]:
    tensors = each.tensors()
    wrong = _blocks(each, tensors)
    hidden = each.number("embedding_length")
    tokens = each.metadata.get("tokenizer.ggml.tokens")
    embedding = tensors.get("token_embd.weight")
    if embedding is None:
        wrong.append("token_embd.weight is missing")
    elif hidden and isinstance(tokens, int) and embedding.shape != (hidden, tokens):
        wrong.append(_differs(embedding, (hidden, tokens)))
    if each.architecture in _ALIKE and hidden:
        if "output_norm.weight" not in tensors:
            wrong.append("output_norm.weight is missing")
        heads, inner = each.number("attention.head_count"), each.number("feed_forward_length")
        width = each.number("attention.key_length") or (hidden // heads if heads else None)
        shapes = {
            "attn_q": (hidden, heads * width) if heads and width else None,
            "ffn_up": (hidden, inner) if inner else None,
        }
        for name, shape in shapes.items():
            one = tensors.get(f"blk.0.{name}.weight")
            if one is not None and shape is not None and one.shape != shape:
                wrong.append(_differs(one, shape))
    return wrong


def _blocks(each: GgufModel, tensors: Mapping[str, Tensor]) -> list[str]:
    count = each.number("block_count")
    numbers: dict[int, set[str]] = {}
    for name in tensors:
        if name.startswith("blk."):
            place, _, rest = name[4:].partition(".")
            number = whole_number(place)
            if number is not None:
                numbers.setdefault(number, set()).add(rest)
    if count is None or count > MOST_BLOCKS or not numbers:
        return []
    ahead = each.number("nextn_predict_layers") or 0
    missing = [number for number in range(count - ahead) if number not in numbers]
    beyond = [number for number in numbers if number >= count + ahead]
    wrong = [f"block {number} of {count} is missing" for number in missing]
    wrong += [f"block {number} lies beyond the {count} of the settings" for number in beyond]
    if each.architecture in _ALIKE:
        first = numbers.get(0, set())
        for number, here in numbers.items():
            wrong += [f"blk.{number}.{name} is missing" for name in sorted(first - here)]
    return wrong


def _differs(one: Tensor, shape: tuple[int, ...]) -> str:
    return f"{one.name} is {list(one.shape)} instead of {list(shape)}"


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    sizes = {"embedding_length": 64, "block_count": 2, "feed_forward_length": 128,
             "attention.head_count": 4}  # fmt: skip
    shapes = {
        "token_embd.weight": (64, 400),
        "output_norm.weight": (64,),
        **{f"blk.{number}.attn_q.weight": (64, 64) for number in (0, 1)},
        **{f"blk.{number}.ffn_up.weight": (64, 128) for number in (0, 1)},
    }

    def of(
        *, kind: str = "llama", without: str = "", tensors: Any = shapes, **said: Any
    ) -> Snapshot:
        metadata = {f"{kind}.{name}": value for name, value in (sizes | said).items()}
        metadata |= {"general.architecture": kind, "tokenizer.ggml.tokens": 400}
        held = tuple(
            Tensor(name, "F32", shape, 0, 4) for name, shape in tensors.items() if name != without
        )
        made = Gguf(
            path="model.gguf",
            size_bytes=9_000,
            version=3,
            metadata=metadata,
            tensors=held,
            data_start=1024,
        )
        return world(folder(kind="gguf", ggufs=(made,)))

    yield Example(outcome=Outcome.PASS, snapshot=of())
    by_layer = of(kind="gemma3n", feed_forward_length=(128, 256))
    yield Example(outcome=Outcome.PASS, snapshot=by_layer)
    added = of(tensors={**shapes, "token_embd.weight": (64, 401)})
    yield Example(outcome=Outcome.FAIL, snapshot=added, says="[64, 401] instead of [64, 400]")
    part = of(without="blk.1.attn_q.weight")
    yield Example(outcome=Outcome.FAIL, snapshot=part, says="blk.1.attn_q.weight is missing")
    yield Example(outcome=Outcome.FAIL, snapshot=of(block_count=3), says="block 2 of 3")
    yield Example(outcome=Outcome.FAIL, snapshot=of(block_count=1), says="beyond the 1")
    yield Example(outcome=Outcome.FAIL, snapshot=of(feed_forward_length=256), says="ffn_up")
    predicting = of(kind="glm4moe", block_count=3, nextn_predict_layers=1)
    yield Example(outcome=Outcome.PASS, snapshot=predicting)
    yield Example(outcome=Outcome.SKIP, snapshot=of(tensors={}), says="language model")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder()), says="no GGUF file")
