"""A codebook as a published folder carries it: one JSON file, without examples."""

from typing import Final

import msgspec
from msgspec.structs import replace

from firstmile.errors import UserError
from firstmile.taxonomy.checking import check
from firstmile.taxonomy.terms import (
    Axis,
    BoundaryRule,
    Example,
    Taxonomy,
    Term,
    as_tree,
    require_distinct,
)

FILE: Final = "codebook.json"
"""Its name in a published folder."""

_NO_EXAMPLE: Final = Example(url="", line="")


class _Rule(msgspec.Struct, frozen=True):
    against: str
    rule: str


class _Term(msgspec.Struct, frozen=True, kw_only=True):
    axis: Axis
    code: str
    label: str
    definition: str
    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    boundary: tuple[_Rule, ...] = ()
    stage: str | None = None
    extension: bool = False
    not_applicable: tuple[str, ...] = ()
    formerly: tuple[str, ...] = ()


class _Codebook(msgspec.Struct, frozen=True, kw_only=True):
    version: str
    terms: tuple[_Term, ...]


def parse_published(data: bytes) -> Taxonomy:
    """Read such a file; raises UserError where it is not one, or unfit to be used."""
    try:
        read = msgspec.json.decode(data, type=_Codebook)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UserError(
            "The codebook is no JSON object with a version and a list of terms (axis, code, "
            "label, definition): publish the study anew."
        ) from error
    whole = Taxonomy(version=read.version, terms=tuple(_term(term) for term in read.terms))
    check(whole)
    require_distinct(whole)
    ordered = [term for axis in Axis for term in as_tree(list(whole.of(axis)))]
    return Taxonomy(version=whole.version, terms=tuple(ordered))


def without_examples(taxonomy: Taxonomy) -> Taxonomy:
    """Return a codebook as far as such a file carries it, to be compared."""
    terms = tuple(
        replace(term, example=_NO_EXAMPLE, written_from=(), example_from="published")
        for term in taxonomy.terms
    )
    return Taxonomy(version=taxonomy.version, terms=terms)


def _term(term: _Term) -> Term:
    return Term(
        axis=term.axis,
        code=term.code,
        label=term.label,
        definition=term.definition,
        includes=term.includes,
        excludes=term.excludes,
        boundary=tuple(BoundaryRule(against=r.against, rule=r.rule) for r in term.boundary),
        example=_NO_EXAMPLE,
        written_from=(),
        stage=term.stage,
        extension=term.extension,
        not_applicable=term.not_applicable,
        formerly=term.formerly,
    )
