"""The base of RoPE is left to the model, or the command repeats it.

Why: `--rope-freq-base` and `--rope-freq-scale` of llama.cpp stem from the time when files did not
state them. They replace what the header of the GGUF states and the model was trained with:
Llama 3 has 500,000, Qwen 1,000,000, Llama 2 10,000. With another one the text falls apart, soon
or at once.

Fix: leave the flag out: the file states the base.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Argument, Intent
from firstmile.check.model_sizes import (
    sizes_of,
    stated_in,
    unknown_config,
    written,
)
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    stated,
    warned,
)
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.model_folder.folder import Gguf
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/meaningless",
    cause="configuration/inference",
    stage="inference",
    entries=("text-beyond-the-trained-length-falls-apart",),
    references=("https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare the base of the command with that of the file."""
    said = written(intent, "rope_freq_base", "rope_theta")
    override = intent.overrides.get("rope_theta")
    if said is None and isinstance(override, int | float):
        said = str(override)
    if said is None:
        return does_not_apply("the command sets no base of RoPE")
    sizes = sizes_of(snapshot)
    if sizes is None:
        return unknown_config()
    if sizes.rope_theta is None:
        return not_known("the base that the model was trained with")
    try:
        base = float(said)
    except ValueError:
        return not_known("the base that the command sets")
    proof = (
        seen(f"base of RoPE in the command = {base:g}"),
        stated(stated_in(snapshot), "rope_theta", sizes.rope_theta),
    )
    if base in (0.0, sizes.rope_theta):
        return passed("The command leaves the model its base of RoPE.", *proof)
    if sizes.rope_theta < base and sizes.positions and (intent.context or 0) > sizes.positions:
        return warned(
            f"A base of {base:g} instead of {sizes.rope_theta:g} stretches the positions.",
            *proof,
            remedy="Take the model's own scaling for long texts (yarn) instead.",
        )
    return failed(
        f"The command sets a base of {base:g}; the model was trained with {sizes.rope_theta:g}.",
        *proof,
        remedy="Leave the base out of the command: the file states it.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def run(base: str, context: int | None = None) -> Intent:
        said = Argument(written="--rope-freq-base", name="rope_freq_base", value=base)
        return Intent(engine="llama.cpp", arguments=(said,), context=context)

    header = {
        "general.architecture": "llama",
        "llama.context_length": 8192,
        "llama.rope.freq_base": 500000.0,
    }
    gguf = Gguf(path="m.gguf", size_bytes=9, version=3, metadata=header, tensors=(), data_start=9)
    there = world(folder(kind="gguf", ggufs=(gguf,)))
    yield Example(outcome=Outcome.FAIL, snapshot=there, intent=run("10000"), says="trained with")
    yield Example(outcome=Outcome.PASS, snapshot=there, intent=run("500000"))
    yield Example(outcome=Outcome.PASS, snapshot=there, intent=run("0"))
    yield Example(outcome=Outcome.WARN, snapshot=there, intent=run("4000000", 32768))
    asked = Intent(engine="vllm", overrides={"rope_theta": 10000})
    yield Example(outcome=Outcome.FAIL, snapshot=world(folder(config=LLAMA)), intent=asked)
    yield Example(outcome=Outcome.SKIP, snapshot=there, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=run("1"), says="not known")
