"""Labels on their way in or out, and what is checked of each."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

import msgspec

from firstmile.errors import UserError
from firstmile.study.decisions import Confidence, LabelValue
from firstmile.study.label_checks import unfit
from firstmile.study.reading.mapping import nearest
from firstmile.study.reading.quoting import quoted, shown
from firstmile.taxonomy import Axis, Taxonomy

LARGEST_BYTES: Final = 256 * 1024 * 1024
LAST_ROUND: Final = 10_000
_BEHIND: Final = re.compile(r"/?(?:[?#].*)?$", re.DOTALL)
"""What a browser's address has behind that of an issue, such as the comment that was looked at."""

_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


class RaterLabel(msgspec.Struct, frozen=True, kw_only=True):
    """One rater's labels of one issue; `round` is the pilot round, 0 outside a pilot.

    What a classifier suggested (`value.suggested`) stays in the study: no exchange format has it.
    """

    issue: str
    rater: str
    value: LabelValue
    round: int = 0


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What a file held: its labels, and how many of its records had none."""

    labels: tuple[RaterLabel, ...]
    without_labels: int = 0


@dataclass(frozen=True)
class Known:
    """What an import is checked against.

    `issues` are the addresses of the study's issues (None: any is taken). `users` maps what a
    labelling tool calls a person (a number or an e-mail address) to the rater. In `ecosystem`
    some terms cannot apply.
    """

    codebook: Taxonomy
    raters: Sequence[str]
    issues: frozenset[str] | None = None
    users: Mapping[str, str] = field(default_factory=dict)
    ecosystem: str = ""

    @cached_property
    def codes(self) -> Mapping[Axis, Mapping[str, str]]:
        """Codes by what names them on each axis: the code, the published label, old codes."""
        found: dict[Axis, dict[str, str]] = {}
        for axis in Axis:
            terms = self.codebook.of(axis)
            names = {old: term.code for term in terms for old in term.formerly}
            names |= {term.label: term.code for term in terms}
            found[axis] = names | {term.code: term.code for term in terms}
        return found

    def rater(self, name: str, where: str) -> str:
        """Return the rater that a name or a labelling tool's user stands for."""
        found = self.users.get(name, name)
        if found not in self.raters:
            known = (*self.raters, *self.users)
            there = ", ".join(shown(one) for one in known) or "none"
            raise UserError(
                f"{where}: {quoted(name)} is no rater of this study (known: {there}"
                f"{nearest(name, known)})."
            )
        return found

    def issue(self, address: str, where: str) -> str:
        """Return an issue's address; raises UserError where the study has no such issue."""
        if not address:
            raise UserError(f"{where}: the issue is missing.")
        if self.issues is not None and address not in self.issues:
            bare = _BEHIND.sub("", address)
            if bare in self.issues:
                raise UserError(
                    f"{where}: {quoted(address)} is not an issue's own address: leave out what "
                    f"stands behind {quoted(bare)}."
                )
            raise UserError(
                f"{where}: {quoted(address)} is no issue of this study"
                f"{nearest(address, self.issues)}."
            )
        return address

    def code(self, axis: Axis, written: str, where: str) -> str | None:
        """Return the code of a code or label; None for an empty one."""
        name = written.strip()
        if not name:
            return None
        codes = self.codes[axis]
        if name not in codes:
            raise UserError(
                f"{where}: {quoted(name)} is no {axis.value} of codebook {self.codebook.version}"
                f"{nearest(name, codes)}."
            )
        return codes[name]

    def value(
        self,
        written: Mapping[Axis, str],
        *,
        where: str,
        confidence: str = "",
        quote: str = "",
        note: str = "",
        cannot_tell: Iterable[str] = (),
    ) -> LabelValue:
        """Return the labels that the parts of a record make; raises UserError naming the part."""
        codes = {axis: self.code(axis, name, where) for axis, name in written.items()}
        axes = [axis.value for axis in Axis]
        open_axes = list(cannot_tell)
        for name in open_axes:
            if name not in axes:
                raise UserError(
                    f"{where}: {quoted(name)} is no axis that cannot be told "
                    f"({', '.join(axes)}{nearest(name, axes)})."
                )
            if codes.get(Axis(name)) is not None:
                raise UserError(f"{where}: the {name} has a code and yet cannot be told.")
        return LabelValue(
            symptom=codes.get(Axis.SYMPTOM),
            cause=codes.get(Axis.CAUSE),
            stage=codes.get(Axis.STAGE),
            confidence=_confidence(confidence.strip(), where),
            quote=quote,
            note=note,
            cannot_tell=tuple(axis for axis in axes if axis in open_axes),
        )

    def check(self, value: LabelValue, where: str) -> None:
        """Raise UserError, naming the part, for labels that the study's page refuses too."""
        wrong = unfit(value, self.codebook, ecosystem=self.ecosystem)
        if wrong is not None:
            raise UserError(f"{where} {wrong.field}: {wrong.problem} Nothing was recorded.")


def once_each(labels: Iterable[tuple[RaterLabel, str]]) -> tuple[RaterLabel, ...]:
    """Return labels given with their places; raises UserError where one rater labels twice."""
    places: dict[tuple[str, str], str] = {}
    found = []
    for label, where in labels:
        key = (label.issue, label.rater)
        if key in places:
            raise UserError(
                f"{where}: {quoted(label.rater)} labels {quoted(label.issue)} a second time (first "
                f"at {places[key]}); keep one of them."
            )
        places[key] = where.rpartition(", ")[2]
        found.append(label)
    return tuple(found)


def round_number(written: str, where: str) -> int:
    """Return a pilot round; 0 for an empty cell."""
    text = written.strip() or "0"
    if not (text.isascii() and text.isdecimal() and len(text) < 6 and int(text) <= LAST_ROUND):
        raise UserError(f"{where}: {quoted(written)} is no pilot round (a number from 0 on).")
    return int(text)


def read_text(path: Path) -> str:
    """Return a file's text; raises UserError where it cannot be read, is too large or no UTF-8."""
    name = shown(path.name)
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise UserError(f"{name} is larger than 256 MiB; split it.")
        data = path.read_bytes()
        # Without a mark of its order, every other byte of plain letters is zero.
        if data.startswith(_UTF16) or b"\0" in data[:4]:
            raise UserError(f"{name} is UTF-16, as some spreadsheets write it; save it as UTF-8.")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"{name} is not UTF-8; save it as UTF-8.") from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UserError(f"{name} cannot be read ({reason}); check the path.") from error


def _confidence(written: str, where: str) -> Confidence:
    try:
        return Confidence(written) if written else Confidence.SURE
    except ValueError:
        known = [one.value for one in Confidence]
        raise UserError(
            f"{where}: {quoted(written)} is no confidence ({', '.join(known)}"
            f"{nearest(written, known)})."
        ) from None
