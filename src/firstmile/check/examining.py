"""Machine, model and intended command in, a checkup out; with `model_meant` all here that reads."""

import os
import shlex
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from msgspec.structs import replace

from firstmile.check.checkup import Checkup
from firstmile.check.command_files import names_in, start_of, text_of
from firstmile.check.intent import Intent
from firstmile.check.model_meant import (
    Models,
    fetched,
    lacking,
    models_of,
    named_instead,
    not_here,
    place_of,
    with_others_named,
)
from firstmile.errors import UserError
from firstmile.facts.started import Started
from firstmile.findings import FailOn

if TYPE_CHECKING:
    from firstmile.check.command import Command
    from firstmile.check.suppressions import Suppression
    from firstmile.check.unit import Check
    from firstmile.facts.environment import Environment, NotKnown
    from firstmile.facts.machine import Machine
    from firstmile.facts.model_folder.folder import ModelFolder
    from firstmile.facts.model_folder.hub import Named
    from firstmile.facts.snapshot import Snapshot

Read = TypeVar("Read")


_LONGEST_SHOWN: Final = 200


def check(
    model: str | Path | None = None,
    command: str | Sequence[str] | None = None,
    *,
    snapshots: Sequence[str | Path] = (),
    python: str | Path | None = None,
    only: Sequence[str] = (),
    fail_on: str = "fail",
    config: str | Path | None = None,
    working_folder: str | Path | None = None,
    online: bool = False,
    fetch: "Callable[[Named], ModelFolder]" = fetched,
    checks: "Iterable[Check] | None" = None,
) -> Checkup:
    """Say what will fail before it runs, as `firstmile check` does.

    `model` is a folder, a file or a repository in the Hub cache, `command` what is to be run.
    `snapshots` are files that `firstmile facts --out` wrote: the first stands for this machine,
    and for the model where it holds one; further ones are machines that take part. `python` is
    the interpreter whose packages count. `only` names checks by id or by the start of their
    cause. `config` is a firstmile.toml with what is accepted; where none is named, that of
    `working_folder` is taken, unless it lies in the model's own folder and may have come with it.
    With `online` a repository that is not here is read on the Hub, without its weights (a token in
    HF_TOKEN is used), by `fetch`; otherwise nothing goes over the network. Raises UserError.
    """
    from firstmile.check.accepting import folders_of_models, settings_file, suppressions
    from firstmile.check.withheld import home_of_person

    began = time.perf_counter()
    at = datetime.now(UTC)
    failing = _fail_on(fail_on)
    if snapshots and python is not None:
        raise UserError(
            "A snapshot brings the packages of its own machine, so that --python does not go with "
            "it: name that Python where the snapshot is written (firstmile facts --python)."
        )
    given = [_saved(Path(each)) for each in snapshots]
    typed = command_of(command, variables=_variables_of(given), is_here=not given)
    intent = _intent_of(typed)
    if python is not None:
        intent = replace(intent, interpreter=None)
    machine = _machine()
    brought = model is None and bool(given) and given[0].model is not None
    place = None if brought else place_of(model, intent, machine, online=online)
    read = Started(lambda: models_of(place, machine, fetch if online else None))
    environment = None if given else _environment(machine, at, python)
    wanted, ids = _wanted(checks, only, asked=typed is not None)
    models = read.result()
    came = folders_of_models(place, models[0], intent, machine)
    settings, notes = settings_file(config, working_folder, came)
    other = named_instead(model, place, intent, machine)
    if other is not None:
        notes = (f"{model} was judged, and not {other}, which the command names.", *notes)
    accepted = suppressions(settings, ids) if settings is not None else ()
    snapshot = _snapshot(environment, given, models)
    snapshot = with_others_named(snapshot, place, intent, machine)
    if model is not None and (wrong := lacking(snapshot.model)):
        shown = str(model)[:_LONGEST_SHOWN]
        ways = "name a model's folder or file, and put -- before a command"
        raise UserError(f"{shown} {wrong}: {ways}.")
    return _judged(
        wanted,
        snapshot,
        intent,
        typed,
        fail_on=failing,
        accepted=accepted,
        notes=notes,
        home=None if given else home_of_person(),
        is_here=not given,
        place=place if isinstance(place, Path) else None,
        subject=_subject(model, snapshot, snapshots)
        if intent.command is None
        else intent.command
        if other is None
        else f"{intent.command} (with {model} in the place of {other})",
        began=began,
        at=at,
    )


def _judged(
    wanted: "tuple[Check, ...]",
    snapshot: "Snapshot",
    intent: Intent,
    typed: "Command | None",
    *,
    fail_on: FailOn,
    accepted: "Sequence[Suppression]",
    notes: tuple[str, ...],
    home: str | None,
    is_here: bool,
    place: Path | None,
    subject: str,
    began: float,
    at: datetime,
) -> Checkup:
    import firstmile
    from firstmile.check.inside import as_seen_by
    from firstmile.check.running import judge_all
    from firstmile.check.standing import place_of_command, standing
    from firstmile.check.surroundings import surroundings
    from firstmile.check.unit import check_id
    from firstmile.check.unread_command import left_unread
    from firstmile.findings import Examination, Outcome
    from firstmile.taxonomy import load_taxonomy

    snapshot = as_seen_by(snapshot, intent)
    findings = judge_all(wanted, snapshot, intent)
    today = at.date()
    suppressed = {one.check: one for one in accepted if one.holds(today)}
    sizing = None
    change = None
    if typed is not None:
        from firstmile.check.error_bars import explained
        from firstmile.check.memory import estimate

        sizing = _guarded(lambda: explained(estimate(snapshot, intent)))
        if intent.action is None and intent.engine is None and not isinstance(sizing, str):
            sizing = "what the command does with the model"
    if typed is not None and not isinstance(sizing, str):
        from firstmile.check.changing import put_right, smallest_change, with_one_remedy

        failing = frozenset(one.source for one in findings if one.outcome is Outcome.FAIL)
        change = _guarded(lambda: smallest_change(snapshot, typed, wanted, failing=failing))
        if change is not None and not isinstance(change, str):
            right = put_right(findings, change)
            if right and right <= suppressed.keys():
                change = None
            else:
                findings = with_one_remedy(findings, change)
    files = standing(place, snapshot.model, findings)
    examination = Examination(
        subject=subject,
        findings=findings,
        versions={"firstmile": firstmile.__version__, "codebook": load_taxonomy().version},
        started=at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        seconds=time.perf_counter() - began,
    )
    return Checkup(
        examination=examination,
        checks={check_id(each): each for each in wanted},
        fail_on=fail_on,
        suppressed=suppressed,
        expired=tuple(one for one in accepted if not one.holds(today)),
        unread=left_unread(intent, findings),
        not_known=tuple(_not_known(snapshot, intent)),
        sizing=sizing,
        change=None if isinstance(change, str) else change,
        notes=(*notes, *surroundings(snapshot, intent, is_here=is_here)),
        home=home,
        files=files,
        place=place_of_command(intent, files),
    )


def _wanted(
    checks: "Iterable[Check] | None", only: Sequence[str], *, asked: bool
) -> "tuple[tuple[Check, ...], tuple[str, ...]]":
    """Return the checks that run, and the ids of all; what does not run is not imported."""
    from firstmile.check.naming import chosen
    from firstmile.check.unasked import checks_without_command
    from firstmile.check.unit import check_id, check_ids, find_checks, load_check

    if checks is not None:
        known = {check_id(one): one for one in checks}
        ids = chosen({name: one.ABOUT.cause for name, one in known.items()}, only)
        return tuple(known[name] for name in ids), tuple(known)
    if not only:
        return find_checks() if asked else checks_without_command(), check_ids()
    from firstmile.check.stated import stated_checks

    ids = chosen({one.id: one.cause for one in stated_checks()}, only)
    loaded = (load_check(name) for name in ids)
    return tuple(one for one in loaded if one is not None), check_ids()


def _fail_on(text: str) -> FailOn:
    try:
        return FailOn(text)
    except ValueError:
        shown = str(text)[:_LONGEST_SHOWN]
        said = " or ".join(FailOn)
        raise UserError(f"fail_on is {shown!r}, which is no outcome: say {said}.") from None


def _guarded(work: Callable[[], Read]) -> Read | str:
    """Return what work gives, or why it gave nothing: it must not take the findings along."""
    try:
        return work()
    except Exception as error:  # the edge around one part
        return f"firstmile failed at it ({type(error).__name__})"


def _variables_of(given: "Sequence[Snapshot]") -> Mapping[str, str]:
    """Return the variables that the command finds: this machine's, or those of the snapshot."""
    if not given:
        return dict(os.environ)
    environment = given[0].environment
    return {} if environment is None else {one.name: one.value for one in environment.variables}


def command_of(
    given: str | Sequence[str] | None,
    *,
    variables: Mapping[str, str] | None = None,
    is_here: bool = True,
) -> "Command | None":
    """Return a command with files of this machine, and its variables unless others are given.

    None where there is none. Of one that is run elsewhere (not `is_here`) nobody says that a file
    is missing. Raises UserError where a text cannot be parted into words.
    """
    from firstmile.check.command import Command

    try:
        words = shlex.split(given) if isinstance(given, str) else tuple(given or ())
    except ValueError as error:
        raise UserError(f"The command cannot be parted into words: {error}.") from error
    if not words:
        return None
    return Command(
        words=tuple(words),
        variables=dict(os.environ) if variables is None else variables,
        read_text=text_of,
        read_start=start_of,
        list_folder=names_in if is_here else lambda _: None,
    )


def _intent_of(command: "Command | None") -> Intent:
    from firstmile.check.command import read_command
    from firstmile.check.unread_command import not_read

    if command is None:
        return Intent()
    intent = read_command(command)
    if intent is None:
        raise not_read(command)
    return intent


def _machine() -> "Machine":
    from firstmile.facts.machine import Machine

    return Machine()


def _environment(machine: "Machine", at: datetime, python: str | Path | None) -> "Environment":
    from firstmile.facts.collecting import collect_environment

    named = None if python is None else Path(python)
    if named is not None and not named.exists():
        raise UserError(f"{named} is not there: name a Python or the folder of an environment.")
    return collect_environment(machine, at=at, python=named)


def _saved(file: Path) -> "Snapshot":
    from firstmile.facts.saving import LARGEST, snapshot_from

    data = start_of(str(file), LARGEST + 1)
    if data is None:
        raise UserError(f"{file} cannot be read: name a file that firstmile facts --out wrote.")
    return snapshot_from(data, name=str(file))


def _snapshot(
    environment: "Environment | None", given: "list[Snapshot]", models: Models
) -> "Snapshot":
    from firstmile.facts.snapshot import Snapshot

    model, base = models
    if not given:
        return Snapshot(environment=environment, model=model, base=base)
    first, *further = given
    others = [each.environment for each in further if each.environment is not None]
    found = replace(first, others=(*first.others, *others))
    return found if model is None else replace(found, model=model, base=base)


def _subject(
    model: str | Path | None, snapshot: "Snapshot", snapshots: Sequence[str | Path]
) -> str:
    if model is not None:
        return str(model)
    if snapshots:
        return ", ".join(str(each) for each in snapshots)
    return "this machine" if snapshot.model is None else snapshot.model.path


def _not_known(snapshot: "Snapshot", intent: Intent) -> "Iterable[NotKnown]":
    from firstmile.facts.environment import NotKnown

    if intent.unread and not _is_understood(intent):
        yield NotKnown(what="command", reason="nothing of it was understood")
    elif intent.model is None and snapshot.model is None and _lacks_its_file(intent):
        yield NotKnown(what="command", reason="the file that says what it runs could not be read")
    if intent.model and snapshot.model is None:
        shown = intent.model[:_LONGEST_SHOWN]
        yield NotKnown(what="model", reason=f"{shown} {not_here(shown, intent)}")
    elif wrong := lacking(snapshot.model):
        shown = (intent.model or "it")[:_LONGEST_SHOWN]
        yield NotKnown(what="model", reason=f"{shown} {wrong}")
    parts = (("", snapshot.environment), ("model: ", snapshot.model), ("base: ", snapshot.base))
    for prefix, part in parts:
        for one in part.not_known if part is not None else ():
            yield replace(one, what=f"{prefix}{one.what}")


def _lacks_its_file(intent: Intent) -> bool:
    return any(each.endswith(" (it cannot be read)") for each in intent.unread)


def _is_understood(intent: Intent) -> bool:
    """Say whether a command tells what is run, be it a script that says no more."""
    told = (intent.action, intent.model, intent.script, intent.training)
    return any(each is not None for each in told)
