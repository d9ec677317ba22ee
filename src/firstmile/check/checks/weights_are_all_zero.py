"""The matrices of the model are not filled with zeros.

Why: a download that reserved its room and broke off, a disk that lost blocks, and ZeRO-3 or FSDP
shards that were saved on the wrong rank leave zeros where weights should be. Sizes, names and
hashes of the header are right, so that everything loads, and the model writes nonsense. Biases,
norms that count from one and fresh adapters may be zero, whole matrices may not.

Fix: fetch the file again and compare its sha256 with the one that the Hub shows (`hf cache
verify`); where it is your own, gather the weights on all ranks before saving.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    warned,
)
from firstmile.check.weight_files import some
from firstmile.check.words_to_copy import file_word
from firstmile.check.worlds import folder, world
from firstmile.facts.environment import NotKnown
from firstmile.facts.model_folder.folder import Sample
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/meaningless",
    cause="corruption/checkpoint",
    references=("https://huggingface.co/docs/huggingface_hub/en/guides/cli",),
)
_LEAST: Final = 1024
"""Numbers from which a tensor counts as a matrix: norms and biases are smaller in a sample."""
_MATRICES: Final = ("_proj.", "embed", "lm_head", "wte", "token_embd", "attn_", "ffn_", "c_attn",
                    "c_fc", "query_key_value", "w1", "w2", "w3", "output.weight")  # fmt: skip
_MAY_BE: Final = ("bias", "norm", "lora_", "gate.weight", "router", "sink", "scale", "correction")
_IDENTITY: Final = ("o_proj", "down_proj", "attn_output", "ffn_down", "c_proj", "experts", "exps")
"""Where zeros make a layer or an expert do nothing: some models are widened in this way."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for matrices of which every sampled number is zero."""
    model = snapshot.model
    if model is None:
        return not_known("the model's folder")
    if model.kind == "adapter":
        return does_not_apply("matrices of an adapter begin as zeros")
    if not model.samples:
        if not model.shards and not model.ggufs:
            return does_not_apply("the folder has no files whose numbers are sampled")
        return not_known(model.why_not("samples") or "the numbers of the weights")
    matrices = [one for one in model.samples if _is_matrix(one)]
    empty = [one for one in matrices if one.zero == one.read]
    if not empty:
        return passed(
            f"None of {counted(len(matrices), 'sampled matrix', 'sampled matrices')} is filled "
            "with zeros."
        )
    proof = [seen(f"{one.tensor}: {one.read:,} zeros", file=one.path) for one in empty[:4]]
    is_whole = model.why_not("samples") is None
    told = empty if is_whole else empty[:3]
    files = some(sorted({file_word(one.path) for one in told}), 3)
    text = f"{_many(len(empty), len(matrices), is_whole=is_whole)} filled with zeros"
    text += ": " if len(told) == len(empty) else ", such as "
    text += f"{some([one.tensor for one in told], 3)}."
    if all(any(word in one.tensor for word in _IDENTITY) for one in empty):
        return warned(
            f"{text} Some models are widened so.",
            *proof,
            remedy=f"Compare {files} with the sha256 that the Hub shows: hf cache verify",
        )
    return failed(text, *proof, remedy=f"Delete {files} and fetch it again.")


def _many(empty: int, matrices: int, *, is_whole: bool) -> str:
    """Say how many matrices are empty; of a sample without numbers, which hang on the time."""
    if empty == matrices:
        return "All matrices that were looked into are" if matrices > 1 else "The one matrix is"
    if not is_whole:
        return "Matrices are"
    return f"{empty:,} of {matrices:,} matrices {'is' if empty == 1 else 'are'}"


def _is_matrix(one: Sample) -> bool:
    name = one.tensor
    if one.read < _LEAST or any(word in name for word in _MAY_BE):
        return False
    return any(word in name for word in _MATRICES)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(
        *names: str, zeros: int = 4096, kind: str = "transformers", read: int = 4096, why: str = ""
    ) -> Snapshot:
        good = ("model.layers.0.mlp.up_proj.weight", 5)
        samples = tuple(
            Sample(
                tensor=name,
                path="model.safetensors",
                read=read,
                nan=0,
                infinite=0,
                zero=count,
                largest=0.0,
            )
            for name, count in (good, *((name, zeros) for name in names))
        )
        lacks = (NotKnown(what="samples", reason=why),) if why else ()
        return world(folder(kind=kind, samples=samples, not_known=lacks))

    query = "model.layers.3.self_attn.q_proj.weight"
    yield Example(outcome=Outcome.PASS, snapshot=of(query, zeros=4095))
    yield Example(outcome=Outcome.PASS, snapshot=of("model.layers.3.self_attn.q_proj.bias"))
    yield Example(outcome=Outcome.PASS, snapshot=of("model.norm.weight"))
    yield Example(outcome=Outcome.FAIL, snapshot=of(query), says="1 of 2 matrices is filled")
    part = of(query, why="of 9 tensors a sample was looked into")
    yield Example(outcome=Outcome.FAIL, snapshot=part, says="Matrices are filled with zeros: model")
    yield Example(outcome=Outcome.FAIL, snapshot=of("model.embed_tokens.weight"))
    widened = of("model.layers.3.self_attn.o_proj.weight", "model.layers.3.mlp.down_proj.weight")
    yield Example(outcome=Outcome.WARN, snapshot=widened, says="widened")
    yield Example(outcome=Outcome.SKIP, snapshot=of(query, kind="adapter"), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder()), says="does not apply")
