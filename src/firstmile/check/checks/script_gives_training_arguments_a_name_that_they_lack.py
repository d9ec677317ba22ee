"""Every keyword that a script gives to TrainingArguments or SFTConfig is an argument of theirs.

Why: both are dataclasses, which take no keyword that is not a field. A letter too few ends in
"TypeError: TrainingArguments.__init__() got an unexpected keyword argument 'save_stratgy'", often
after the model was loaded. Names that some release of the library has are another check's.

Fix: write the argument's name as the library has it.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from firstmile.check.checks.training_argument_is_gone_from_the_installed_library import INSTEAD
from firstmile.check.flag_tables.training import TRAINING_ARGUMENTS
from firstmile.check.installed import installed, python_of, unknown_python
from firstmile.check.intent import Action, Argument, Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.scripts.kinds import FOREIGN
from firstmile.check.unit import About, Example
from firstmile.check.unknown_words import unknown
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.words_to_copy import SOME_TEXT
from firstmile.check.worlds import world
from firstmile.facts.environment import Interpreter
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/type-error",
    cause="api/call-parameter",
    stage="fine-tuning",
    references=("https://huggingface.co/docs/transformers/main_classes/trainer",),
)
_OWNERS: Final[Mapping[str, tuple[str, ...]]] = {
    "TrainingArguments": ("transformers",),
    "SFTConfig": ("transformers", "trl"),
}
"""Classes, and the packages whose fields they have."""
_OF_RELEASES: Final = frozenset(
    name.lstrip("-") for each in TRAINING_ARGUMENTS for name in each.names
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look the keywords up among the installed library's fields, or those of all releases."""
    own = {each.value for each in intent.arguments if each.name == FOREIGN}
    given = [
        (owner, name, each.written)
        for each in intent.arguments
        for owner, _, name in [each.name.partition(".")]
        if owner in _OWNERS and owner not in own and name and name not in INSTEAD
    ]
    if not given:
        return does_not_apply("no script is read that gives keywords to these classes")
    python = python_of(snapshot)
    if python is None:
        return unknown_python(snapshot)
    library = python.package("transformers")
    if library is None:
        return not_known("the installed transformers")
    names = {name for _, name, _ in given}
    for owner, name, where in given:
        known = _fields(python, owner)
        if name in (known or _OF_RELEASES):
            continue
        one = unknown("setting", name, known or _OF_RELEASES)
        if known is None and (owner != "TrainingArguments" or not one.typed):
            continue
        wrong = name if name.isidentifier() else SOME_TEXT
        if one.near is None:
            remedy = f"Leave out {wrong}."
        elif one.near in names:
            remedy = f"Leave out {wrong}: {one.near} is given as well."
        else:
            remedy = f"Write {one.near} instead of {wrong}."
        return failed(
            f"{owner} has no argument {name}.", seen(where), installed(library), remedy=remedy
        )
    if any(_fields(python, owner) is None for owner, _, _ in given):
        return not_known("the training arguments that the installed library has")
    return passed("The classes have all arguments that the script gives.", installed(library))


def _fields(python: Interpreter, owner: str) -> frozenset[str] | None:
    """Return the fields that a class has; None where those of a package were not read."""
    found: set[str] = set()
    for name in _OWNERS[owner]:
        known = python.names_known(name, "training arguments")
        if known is None:
            return None
        found |= {*known}
    return frozenset(found)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, *names: str, known: bool = True, own: str = "") -> Example:
        fields = ("output_dir", "save_strategy", "bf16")
        made = computer(
            package("transformers", "4.57.1"),
            known={
                ("transformers", "training arguments"): fields,
                ("trl", "training arguments"): ("max_length",),
            }
            if known
            else {},
        )
        given = tuple(
            Argument(written=f"{each}=... in line 1", name=each, value="") for each in names
        )
        foreign = (Argument(written="line 1", name=FOREIGN, value=own),) if own else ()
        asked = Intent(action=Action.FINE_TUNE, engine="transformers", arguments=given + foreign)
        return Example(outcome=outcome, snapshot=world(environment=made), intent=asked)

    typo = "TrainingArguments.save_stratgy"
    yield of(Outcome.FAIL, typo)
    yield of(Outcome.FAIL, typo, "TrainingArguments.save_strategy", known=False)
    yield of(Outcome.PASS, "TrainingArguments.save_strategy", "SFTConfig.max_length")
    yield of(Outcome.FAIL, "TrainingArguments.max_length")
    yield of(Outcome.FAIL, "SFTConfig.max_len")
    yield of(Outcome.SKIP, "TrainingArguments.evaluation_strategy")
    yield of(Outcome.SKIP, "TrainingArguments.own_thing", known=False)
    yield of(Outcome.SKIP, "SFTConfig.max_len", known=False)
    yield of(Outcome.SKIP, typo, own="TrainingArguments")
    yield of(Outcome.SKIP, "Seq2SeqTrainingArguments.predict_with_generate")
