"""The codebook as the pages hold it: by axis, in order, with all that helps to decide."""

import hashlib
import json
import re
from datetime import datetime
from typing import Any, Final

from firstmile.errors import UserError
from firstmile.study.codebook_use import note_use
from firstmile.study.decisions import Decisions
from firstmile.study.folder import StudyFolder
from firstmile.study.screening.reasons import Step as Reading
from firstmile.study.screening.reasons import reasons_for
from firstmile.taxonomy import Axis, Taxonomy, Term


class InForce:
    """The codebook that labels are made under now: it may change while pages are open.

    `problem` says why nothing can be labelled at present, such as a file of the codebook that is
    half edited; empty where all is well. All else goes on with what was read before.
    """

    def __init__(self, folder: StudyFolder) -> None:
        self._folder = folder
        self._is_noted = True
        self._texts: dict[str, bytes] = {}
        self._made_of: Taxonomy | None = None
        self._stamp = ""
        self.problem = ""

    @property
    def taxonomy(self) -> Taxonomy:
        """The codebook."""
        return self._folder.taxonomy

    def refresh(self, decisions: Decisions, *, at: datetime) -> None:
        """Take in what has changed on the disk, and have on record which version is now used."""
        try:
            if self._folder.reread_codebook():
                self._is_noted = False
            if not self._is_noted:
                note_use(self._folder, decisions, at=at)
                self._is_noted = True
        except UserError as error:
            self.problem = str(error)
        else:
            self.problem = ""

    @property
    def address(self) -> str:
        """Where pages fetch the codebook from: another one for each text of it."""
        taxonomy = self.taxonomy
        if taxonomy is not self._made_of:
            self._stamp, text = codebook_bytes(taxonomy, self._folder.design.study.ecosystem)
            self._texts[self._stamp] = text
            self._made_of = taxonomy
        return f"/codebook/{self._stamp}.json"

    def text(self, stamp: str) -> bytes | None:
        """Return the codebook of an address that was given out in this run."""
        _ = self.address
        return self._texts.get(stamp)


def codebook_data(taxonomy: Taxonomy, ecosystem: str) -> dict[str, Any]:
    """Return the codebook in plain form; `barred` marks terms that cannot apply here."""
    return {
        "version": taxonomy.version,
        "axes": {
            axis.value: [_term(term, taxonomy, ecosystem) for term in taxonomy.of(axis)]
            for axis in Axis
        },
    }


_CODE: Final = re.compile(r"(-> )?`([a-z0-9/-]{1,120})`")
"""What may be a term's code in the codebook's prose, with the arrow that sends a rater to it."""


def _term(term: Term, taxonomy: Taxonomy, ecosystem: str) -> dict[str, Any]:
    def named(text: str) -> str:
        return labels_for_codes(text, taxonomy)

    return {
        "code": term.code,
        "name": term.name,
        "label": term.label,
        "parent": term.parent,
        "level": term.level,
        "definition": named(term.definition),
        "includes": list(map(named, term.includes)),
        "excludes": list(map(named, term.excludes)),
        "boundary": [
            {
                "against": rule.against,
                "name": _name(taxonomy, rule.against),
                "rule": named(rule.rule),
            }
            for rule in term.boundary
        ],
        "example": term.example.line,
        "barred": bool(ecosystem) and ecosystem in term.not_applicable,
    }


def labels_for_codes(text: str, taxonomy: Taxonomy) -> str:
    """Return a text of the codebook with the labels of its terms in the place of their codes.

    Pages name terms by label alone. Backquotes around anything else, such as a message, stay.
    """

    def label(found: re.Match[str]) -> str:
        term = taxonomy.by_code.get(found[2])
        if term is None:
            return found[0]
        return f"{'→ ' if found[1] else ''}{term.label}"

    return _CODE.sub(label, text)


def _name(taxonomy: Taxonomy, code: str) -> str:
    term = taxonomy.by_code.get(code)
    return term.label if term else code


def codebook_bytes(taxonomy: Taxonomy, ecosystem: str) -> tuple[str, bytes]:
    """Return the codebook as JSON, and a text that changes with it."""
    data = json.dumps(codebook_data(taxonomy, ecosystem), ensure_ascii=False).encode()
    return hashlib.sha256(data).hexdigest()[:16], data


def reasons_data(step: Reading) -> list[dict[str, str]]:
    """Return the reasons that a rater may give for leaving an issue out."""
    return [
        {
            "id": reason.id,
            "label": reason.label,
            "definition": reason.definition,
            "boundary": reason.boundary,
        }
        for reason in reasons_for(step)
        if not reason.by_machine
    ]
