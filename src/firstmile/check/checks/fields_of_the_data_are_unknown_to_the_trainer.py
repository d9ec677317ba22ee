"""The data has the fields that TRL's trainer of this kind reads.

Why: TRL's trainers know their data by the names of its fields. SFT reads messages, text, or prompt
and completion; DPO needs chosen and rejected; GRPO a prompt; KTO prompt, completion and label.
Alpaca's instruction and output end in "KeyError: 'text'", messages given to DPO in "KeyError:
'chosen'".

Fix: rename or join the fields beforehand, or name the text by --dataset_text_field.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Dataset, Intent
from firstmile.check.training_sizes import (
    hidden_settings,
    kind_of,
    settings_of,
    training_in,
)
from firstmile.check.training_worlds import tuning
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
from firstmile.check.words_to_copy import text_word
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/other",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entries=("trainer-removed-every-column-of-the-data-set",),
    references=("https://huggingface.co/docs/trl/dataset_formats",),
)
_PAIRS: Final = (("chosen", "rejected"),)
_NEEDS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "sft": (("messages",), ("prompt", "completion"), ("conversations",), ("input_ids",)),
    "dpo": _PAIRS,
    "orpo": _PAIRS,
    "cpo": _PAIRS,
    "reward": (*_PAIRS, ("input_ids_chosen",), ("chosen_input_ids",)),
    "grpo": (("prompt",),),
    "rloo": (("prompt",),),
    "kto": (("prompt", "completion", "label"), ("chosen", "rejected")),
}
"""Sets of fields, one of which has to be there (dataset formats of TRL)."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for a set of fields that this kind of training reads."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if intent.engine != "trl":
        return does_not_apply("TRL does not read the data")
    kind = kind_of(intent)
    if kind is None:
        return not_known("which of TRL's trainers runs")
    read = [each for each in training.datasets if each.keys]
    if not read:
        return not_known("the fields of the data")
    hidden = hidden_settings(intent)
    if hidden is not None:
        return hidden
    field = settings_of(intent).text("dataset_text_field") or "text"
    sets = _NEEDS[kind] + (((field,),) if kind == "sft" else ())
    wanted = "; or ".join(" and ".join(each) for each in sets)
    for each in read:
        if not any(set(one) <= set(each.keys) for one in sets):
            own = intent.launcher == "trl"
            tell = failed if own else warned
            return tell(
                f"The fields of {each.path} are none that TRL's {kind.upper()} trainer reads.",
                seen(f"fields: {', '.join(each.keys[:15])}", file=each.path),
                seen(f"it reads: {wanted}"),
                remedy=_remedy(kind, each, wanted),
            )
    return passed("The data has fields that the trainer reads.")


def _remedy(kind: str, data: Dataset, wanted: str) -> str:
    keys = set(data.keys)
    if kind == "sft" and {"instruction", "output"} <= keys:
        return (
            "Rename instruction to prompt and output to completion (joining input to the prompt)."
        )
    if kind == "sft" and len(keys) == 1:
        return f"Say --dataset_text_field {text_word(next(iter(keys)))}, if that holds the text."
    return f"Rename the fields: {wanted}."


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, command: str, *keys: str, **flags: str) -> Example:
        data: Any = (Dataset(path="d.jsonl", form="jsonl", records=4, keys=keys),) if keys else ()
        intent = tuning(engine="trl", command=command, datasets=data, flags=flags)
        return Example(outcome=outcome, snapshot=world(), intent=intent)

    yield of(Outcome.FAIL, "trl sft", "instruction", "input", "output")
    yield of(Outcome.PASS, "trl sft", "messages")
    yield of(Outcome.PASS, "trl sft", "prompt", "completion", "id")
    yield of(Outcome.PASS, "trl sft", "content", dataset_text_field="content")
    yield of(Outcome.FAIL, "trl sft", "content")
    yield of(Outcome.FAIL, "trl dpo", "messages")
    yield of(Outcome.PASS, "trl dpo", "question", "chosen", "rejected")
    yield of(Outcome.FAIL, "trl grpo", "question", "answer")
    yield of(Outcome.WARN, "torchrun sft.py", "instruction", "output")
    yield of(Outcome.SKIP, "trl sft")
    yield of(Outcome.SKIP, "python finetune.py", "instruction")
