"""The RoPE scaling of the config starts from no more positions than the model has in the end.

Why: a scaling states how many positions were learnt before it
(`original_max_position_embeddings`), and `max_position_embeddings` how many there are after it.
A factor below one shrinks distances instead of stretching them, and every text is read wrongly.
Where the first is larger than the second, numbers of two models were mixed up, or the positions
were cut by hand, which changes nothing about the scaling.

Fix: take both numbers from the config that the model's makers publish.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.model_sizes import (
    sizes_of,
    unknown_config,
)
from firstmile.check.rope import scalings_of
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
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/meaningless",
    cause="configuration/inference",
    entries=("text-beyond-the-trained-length-falls-apart",),
    references=(
        "https://github.com/huggingface/transformers/blob/main/src/transformers/modeling_rope_utils.py",
    ),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare the positions before and after each scaling."""
    sizes = sizes_of(snapshot)
    if sizes is None:
        return unknown_config()
    found = [each for each in scalings_of(intent.rope_scaling or sizes.rope) if each.stretches]
    if not found:
        return does_not_apply("no RoPE scaling is set")
    if sizes.positions is None:
        return not_known("the number of positions, which the config does not state")
    file = None if intent.rope_scaling else "config.json"
    for each in found:
        quote = seen(f"rope_scaling = {dict(each.stated)}", file=file)
        positions = stated("config.json", "max_position_embeddings", sizes.positions)
        if each.factor is not None and each.factor < 1:
            return failed(
                f"The RoPE scaling has a factor of {each.factor:g}, which shortens texts.",
                quote,
                positions,
                remedy=f"Set the factor to {1 / each.factor:g}."
                if each.factor > 0
                else "Set the factor that the model's makers publish.",
            )
        if each.original is not None and each.original > sizes.positions:
            return warned(
                f"The scaling starts from {each.original:,} positions, and the model has "
                f"{sizes.positions:,} in the end.",
                quote,
                positions,
                remedy=f"Set original_max_position_embeddings to {sizes.positions:,} or less, "
                "as the model's makers publish it.",
            )
    return passed(
        "The RoPE scaling starts from no more positions than the model has.",
        seen(f"rope_scaling = {dict(found[0].stated)}", file=file),
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(positions: int, rope: Mapping[str, Any]) -> Snapshot:
        made = {**LLAMA, "max_position_embeddings": positions, "rope_scaling": rope}
        return world(folder(config=made))

    yarn = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}
    yield Example(outcome=Outcome.PASS, snapshot=of(131072, yarn))
    yield Example(outcome=Outcome.PASS, snapshot=of(32768, yarn))
    yield Example(outcome=Outcome.PASS, snapshot=of(40960, yarn))
    yield Example(outcome=Outcome.WARN, snapshot=of(8192, yarn), says="32,768")
    small = {**yarn, "factor": 0.25}
    yield Example(outcome=Outcome.FAIL, snapshot=of(131072, small), says="0.25")
    yield Example(outcome=Outcome.SKIP, snapshot=of(8192, {"rope_type": "default"}))
    asked = Intent(engine="vllm", rope_scaling={**yarn, "original_max_position_embeddings": 99999})
    yield Example(outcome=Outcome.WARN, snapshot=of(32768, {}), intent=asked)
    yield Example(outcome=Outcome.SKIP, snapshot=of(8192, {}), says="does not apply")
