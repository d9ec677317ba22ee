"""LLaMA-Factory finds in the data the columns that dataset_info.json names for it.

Why: the description maps the program's names to the columns of the file. Without a mapping it
wants instruction or conversations; with one, what is left out counts as nothing. A file without
them ends in "Original column name instruction not in the dataset", or in "KeyError: None".

Fix: give the whole mapping: "columns": {"prompt": "text"}, or for talks {"messages":
"conversations", "tools": "tools"}.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from firstmile.check.intent import Dataset, Intent
from firstmile.check.training_settings import DESCRIBED
from firstmile.check.training_sizes import training_in
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.words_to_copy import python_text
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    references=(
        "https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md",
        "https://github.com/hiyouga/LLaMA-Factory/blob/main/src/llamafactory/data/parser.py",
    ),
)
_FILE: Final = "dataset_info.json"
_NEEDED: Final = {"alpaca": ("prompt", "instruction"), "sharegpt": ("messages", "conversations")}
"""What each form cannot do without, and the column where the description maps none."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look the column up that each form needs, as the description maps it."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    said = training.settings.get(DESCRIBED)
    if intent.engine != "llama-factory" or not isinstance(said, Mapping) or not said:
        return does_not_apply("no description of LLaMA-Factory's data was read")
    known = {each.path: each for each in training.datasets if each.keys and not each.problem}
    found = [(path, about) for path, about in said.items() if path in known]
    if not found:
        return not_known("the columns of the data")
    for path, about in found:
        verdict = _missing(known[path], about)
        if verdict is not None:
            return verdict
    return passed("The data has the columns that its description names.")


def _missing(data: Dataset, about: Mapping[str, Any]) -> Verdict | None:
    name, usual = _NEEDED.get(str(about.get("formatting", "alpaca")), (None, None))
    if name is None or usual is None:
        return None
    columns = about.get("columns")
    mapped = columns.get(name) if isinstance(columns, Mapping) else usual
    if mapped in data.keys:
        return None
    shown = ", ".join(data.keys[:15])
    here = usual if usual in data.keys else data.keys[0]
    remedy = (
        f'In {_FILE} add "columns": {{"{name}": {python_text(here)}}}, beside what it maps already.'
    )
    if mapped is None:
        return failed(
            f"The description maps columns of {data.path}, but none for {name}.",
            seen(f"columns = {dict(columns or {})}", file=_FILE),
            seen(f"columns of the file: {shown}", file=data.path),
            remedy=remedy,
        )
    return failed(
        f"The file {data.path} has no column {mapped}, which stands for {name}.",
        seen(f"columns of the file: {shown}", file=data.path),
        remedy=remedy,
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, keys: tuple[str, ...], says: str = "", **about: Any) -> Example:
        path = "data/own.json"
        data = Dataset(path=path, form="json", records=9, keys=keys)
        intent = tuning(
            engine="llama-factory",
            datasets=(data,),
            settings={DESCRIBED: {path: {"file_name": "own.json", **about}}},
        )
        return Example(outcome=outcome, snapshot=world(), intent=intent, says=says)

    yield of(Outcome.FAIL, ("text", "meta"), says="no column instruction")
    yield of(Outcome.PASS, ("text", "meta"), columns={"prompt": "text"})
    yield of(Outcome.PASS, ("instruction", "input", "output"))
    talks = ("conversations", "tools")
    half = {"tools": "tools"}
    yield of(Outcome.FAIL, talks, "none for messages", formatting="sharegpt", columns=half)
    yield of(Outcome.PASS, talks, formatting="sharegpt")
    yield of(Outcome.SKIP, (), says="not known")
    other = tuning(engine="trl")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=other, says="does not apply")
