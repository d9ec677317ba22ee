"""A study's design: its study.toml, read and checked."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from firstmile.errors import UserError
from firstmile.study.design_checks import check_design
from firstmile.study.reading.mapping import nearest
from firstmile.study.reading.quoting import quoted, shown
from firstmile.study.stated import DatasheetTable, ModelTable, PaceTable
from firstmile.study.toml_values import held, misfit
from firstmile.taxonomy.toml_text import read_toml, text_of

FILE: Final = "study.toml"
PLACEHOLDER: Final = "owner/name"
"""What stands for a repository, also in the title, in a study.toml as `study init` writes it."""

_Table = TypeVar("_Table", bound=msgspec.Struct)


class RaterKind(StrEnum):
    """Whether a rater is a person or a language model."""

    PERSON = "person"
    MODEL = "model"


class Rater(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rater; the options from `endpoint` on are a model's.

    `key_variable` names the environment variable that holds the endpoint's key. The prices are
    per million tokens, in the currency of `ceiling`, which is the most that may be spent.
    """

    name: str
    kind: RaterKind = RaterKind.PERSON
    endpoint: str = ""
    model: str = ""
    key_variable: str = ""
    temperature: float = 0.0
    price_input: float | None = None
    price_output: float | None = None
    ceiling: float | None = None


class StudyTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the study is: its name, and the days (both included) on which issues were opened.

    `question` and `authors` go onto the data-set card; `seed` is that of every random draw;
    `ecosystem` is where terms may not apply (`not_applicable` in the codebook).
    """

    name: str
    question: str = ""
    authors: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    seed: int = 705
    ecosystem: str = ""


class ScreenTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How issues are screened.

    `looks` is how many times the bound is to be looked at in all: the error is spent evenly over
    them. `keywords` replace the packaged list when given. `raters` read title and description,
    `verifiers` (the same people unless given) whole threads. `audit` is the size of the random
    sample of what was discarded; `confidence` that of the bound it gives; `recall` the share of
    failures that the study wants to have found.
    """

    keywords: tuple[str, ...] = ()
    raters: tuple[str, ...] = ()
    verifiers: tuple[str, ...] = ()
    audit: int = 300
    recall: float = 0.95
    confidence: float = 0.95
    looks: int = 1


class LabelTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How issues are labelled.

    `suggestions` shows raters what a classifier proposes (off: it anchors them). `pilot` is the
    number of issues of a pilot round, `target` the agreement (Gwet's AC1, classes of causes) at
    which the pilot ends. `adjudicators` decide disagreements (any rater unless given).
    """

    raters: tuple[str, ...] = ()
    adjudicators: tuple[str, ...] = ()
    suggestions: bool = False
    pilot: int = 50
    target: float = 0.7


class PublishTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the data set is published; `text` adds the redacted texts, which needs a reason."""

    license: str = "CC-BY-4.0"
    version: str = "1.0.0"
    url: str = ""
    text: bool = False
    contact: str = ""


class SourceTable(msgspec.Struct, frozen=True, kw_only=True):
    """One source of issues: its kind, and the keys that its kind knows."""

    kind: str
    options: Mapping[str, Any]


class Design(msgspec.Struct, frozen=True, kw_only=True):
    """A study.toml."""

    study: StudyTable
    sources: tuple[SourceTable, ...] = ()
    raters: tuple[Rater, ...] = ()
    models: tuple[ModelTable, ...] = ()
    screen: ScreenTable = ScreenTable()
    label: LabelTable = LabelTable()
    publish: PublishTable = PublishTable()
    datasheet: DatasheetTable = DatasheetTable()
    seconds_an_issue: PaceTable = PaceTable()

    def unstated(self) -> tuple[str, ...]:
        """Return the keys that open what is published and that nobody has filled in."""
        stated = {
            "study.name": not is_placeholder(self.study.name),
            "study.question": self.study.question.strip(),
            "study.authors": self.study.authors,
        }
        return tuple(key for key, value in stated.items() if not value)

    def rater(self, name: str) -> Rater:
        """Return a rater by name; raises UserError naming those there are."""
        for one in self.raters:
            if one.name == name:
                return one
        there = ", ".join(one.name for one in self.raters) or "none"
        raise UserError(
            f"There is no rater {quoted(name)} in this study (there: {there}): add "
            f"[[raters]] to its {FILE}."
        )

    def screeners(self) -> tuple[str, ...]:
        """Return the raters who screen: those named, or all people."""
        return self.screen.raters or self.people()

    def verifiers(self) -> tuple[str, ...]:
        """Return the raters who read whole threads: those named, or the screeners."""
        return self.screen.verifiers or self.screeners()

    def labellers(self) -> tuple[str, ...]:
        """Return the raters who label: those named, or all."""
        return self.label.raters or tuple(one.name for one in self.raters)

    def adjudicators(self) -> tuple[str, ...]:
        """Return who decides disagreements: those named, or all people."""
        return self.label.adjudicators or self.people()

    def model_of(self, repository: str) -> ModelTable | None:
        """Return the model that a repository's issues are about, None where it is not stated."""
        named = repository.casefold()
        return next((one for one in self.models if one.repository.casefold() == named), None)

    def people(self) -> tuple[str, ...]:
        """Return the raters that are persons."""
        return tuple(one.name for one in self.raters if one.kind is RaterKind.PERSON)


def is_placeholder(title: str) -> bool:
    """Whether a title is still the one that `study init` wrote."""
    return PLACEHOLDER in title


_TABLES: Final[Mapping[str, type[msgspec.Struct]]] = {
    "study": StudyTable,
    "screen": ScreenTable,
    "label": LabelTable,
    "publish": PublishTable,
    "datasheet": DatasheetTable,
    "seconds_an_issue": PaceTable,
}


_LISTS: Final = {"repositories": PLACEHOLDER, "files": "exports/*.json"}
"""Keys of sources that hold a list of texts, with one such text."""

_SINGLE: Final[Mapping[str, type]] = {
    "organization": str,
    "api": str,
    "include_forks": bool,
    "include_archived": bool,
}
"""Keys of sources that hold one value."""


def read_design(path: Path) -> Design:
    """Read a study.toml; raises UserError naming the key, and the nearest for a mistyped one."""
    name = path.name
    try:
        text = text_of(path, shown(name))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UserError(
            f"{shown(str(path))} cannot be read ({reason}): `firstmile study init` makes one."
        ) from error
    return parse_design(read_toml(text, shown(name)), name)


def parse_design(tables: Mapping[str, Any], name: str) -> Design:
    """Return the design that the tables of a study.toml hold; raises UserError."""
    _known(tables, (*_TABLES, "sources", "raters", "models"), name, "")
    if "study" not in tables:
        raise UserError(f"{shown(name)} has no table [study]; it needs one with a name.")
    parsed: dict[str, Any] = {}
    for key, kind in _TABLES.items():
        if key in tables:
            parsed[key] = _table(tables[key], kind, name, key)
    parsed["raters"] = tuple(
        _table(item, Rater, name, f"raters[{place}]")
        for place, item in enumerate(_list(tables, "raters", name), 1)
    )
    parsed["models"] = tuple(
        _table(item, ModelTable, name, f"models[{place}]")
        for place, item in enumerate(_list(tables, "models", name), 1)
    )
    parsed["sources"] = tuple(
        _source(item, name, place) for place, item in enumerate(_list(tables, "sources", name), 1)
    )
    design = Design(**parsed)
    check_design(design, name)
    return design


def _source(item: Any, name: str, place: int) -> SourceTable:
    from firstmile.study.sources import find_source

    where = f"sources[{place}]"
    if not isinstance(item, dict) or not isinstance(item.get("kind"), str):
        raise UserError(f"{where} of {shown(name)} needs a kind, such as github.")
    source = find_source(item["kind"])
    options = {key: value for key, value in item.items() if key != "kind"}
    _known(options, tuple(source.KEYS), name, f"{where}.")
    for key, needed in source.KEYS.items():
        if needed and key not in options:
            raise UserError(f"{where} of {shown(name)} lacks {key}.")
    for key, kind in _SINGLE.items():
        if key in options:
            _fits(options[key], kind, f"{where}.{key}", name)
    for key, example in _LISTS.items():
        if key in options and not _is_list_of_texts(options[key]):
            raise UserError(
                f"{where}.{key} of {shown(name)} is {held(options[key])}; it must be a list of "
                f'one or more texts, such as ["{example}"].'
            )
    return SourceTable(kind=item["kind"], options=options)


def _is_list_of_texts(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(item, str) and item.strip() for item in value)
    )


def _table(item: Any, kind: type[_Table], name: str, where: str) -> _Table:
    if not isinstance(item, dict):
        table = where.partition("[")[0]
        how = f"[{table}]" if table == where else f"[[{table}]]"
        raise UserError(
            f"{where} of {shown(name)} is {held(item)}; it must be a table: {how}, and its keys "
            "below it."
        )
    _known(item, kind.__struct_fields__, name, f"{where}.")
    for one in msgspec.structs.fields(kind):
        if one.name in item:
            _fits(item[one.name], one.type, f"{where}.{one.name}", name)
        elif one.required:
            raise UserError(f"{where} of {shown(name)} lacks {one.name}.")
    return msgspec.convert(item, kind)


def _fits(value: Any, kind: Any, where: str, name: str) -> None:
    """Raise UserError where a key holds something else than what belongs there."""
    if said := misfit(value, kind):
        raise UserError(f"{where} of {shown(name)} {said}.")


def _list(tables: Mapping[str, Any], key: str, name: str) -> list[Any]:
    found = tables.get(key, [])
    if not isinstance(found, list):
        raise UserError(
            f"{key} of {shown(name)} is {held(found)}; write each of them as a table of its own: "
            f"[[{key}]]."
        )
    return found


def _known(table: Any, known: tuple[str, ...], name: str, prefix: str) -> None:
    for key in table:
        if key not in known:
            raise UserError(
                f"{shown(name)} has the unknown key {quoted(prefix + key)}; it can be "
                f"{', '.join(known)}{nearest(key, known)}."
            )


def ready_designs() -> tuple[str, ...]:
    """Return the names of the studies that come along, the blank one first."""
    names = sorted(
        item.name.removesuffix(".toml")
        for item in files("firstmile.study").joinpath("designs").iterdir()
        if item.name.endswith(".toml")
    )
    return ("blank", *(name for name in names if name != "blank"))


def ready_design(name: str) -> str:
    """Return the text of a study.toml that comes along; raises UserError for an unknown name."""
    if name not in ready_designs():
        raise UserError(
            f"There is no ready study {quoted(name)}; it can be {', '.join(ready_designs())}"
            f"{nearest(name, ready_designs())}."
        )
    place = files("firstmile.study").joinpath("designs", f"{name}.toml")
    return place.read_text(encoding="utf-8")
