"""The codebook as the pages hold it: by axis, in order, with all that helps to decide."""

import hashlib
import json
from typing import Any

from firstmile.study.screening.reasons import Step as Reading
from firstmile.study.screening.reasons import reasons_for
from firstmile.taxonomy import Axis, Taxonomy, Term


def codebook_data(taxonomy: Taxonomy, ecosystem: str) -> dict[str, Any]:
    """Return the codebook in plain form; `barred` marks terms that cannot apply here."""
    return {
        "version": taxonomy.version,
        "axes": {
            axis.value: [_term(term, taxonomy, ecosystem) for term in taxonomy.of(axis)]
            for axis in Axis
        },
    }


def _term(term: Term, taxonomy: Taxonomy, ecosystem: str) -> dict[str, Any]:
    return {
        "code": term.code,
        "name": term.name,
        "label": term.label,
        "parent": term.parent,
        "level": term.level,
        "definition": term.definition,
        "includes": list(term.includes),
        "excludes": list(term.excludes),
        "boundary": [
            {
                "against": rule.against,
                "name": _name(taxonomy, rule.against),
                "rule": rule.rule,
            }
            for rule in term.boundary
        ],
        "example": term.example.line,
        "barred": bool(ecosystem) and ecosystem in term.not_applicable,
    }


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
