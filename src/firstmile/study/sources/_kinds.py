"""Which kind of export an object is of, by the names of its fields.

The kinds name the same things differently, so a source of the wrong kind would read issues
without their dates, authors or words.
"""

from collections.abc import Mapping
from typing import Any, Final

from firstmile.study.issues import TargetMissingError
from firstmile.study.reading.quoting import shown

_CAMEL: Final = frozenset(
    {
        *("createdAt", "updatedAt", "closedAt", "stateReason"),
        *("authorAssociation", "commentsCount", "isPullRequest", "isLocked"),
    }
)
"""Fields that only gh writes so."""

_SNAKE: Final = frozenset(
    {
        *("created_at", "updated_at", "closed_at", "state_reason"),
        *("author_association", "html_url", "comments_url", "repository_url"),
    }
)
"""Fields that only GitHub's REST API writes so."""

_ENVELOPE: Final = frozenset({"backend_name", "perceval_version"})
"""Fields of what Perceval puts around an issue."""

_HOLDS: Final = {
    "rest-export": "issues as GitHub's REST API gives them",
    "gh-export": "issues as gh prints them",
    "perceval-export": "items as Perceval writes them",
    "gh-archive": "events as GH Archive keeps them",
}


def kind_of(value: Mapping[str, Any]) -> str | None:
    """Return the kind of source that reads an object; None where its fields don't tell."""
    if isinstance(value.get("data"), Mapping) and _ENVELOPE & value.keys():
        return "perceval-export"
    said = value.get("type")
    if isinstance(said, str) and said.endswith("Event") and "payload" in value:
        return "gh-archive"
    by_gh, by_api = bool(_CAMEL & value.keys()), bool(_SNAKE & value.keys())
    if by_gh == by_api:
        return None
    return "gh-export" if by_gh else "rest-export"


def wrong_kind(value: Mapping[str, Any], kind: str, name: str) -> str | None:
    """Return one sentence that names the right kind of a file; None where `kind` may be it.

    `value` is the file's first object, `kind` what the study.toml says of its source.
    """
    found = kind_of(value)
    if found is None or found == kind:
        return None
    needs = ", and name its repositories" if found == "gh-archive" else ""
    return (
        f"{shown(name)} holds {_HOLDS[found]}, not {_HOLDS[kind]}: write kind = "
        f'"{found}" for its source in the study.toml{needs}.'
    )


def refuse_wrong_kind(value: Mapping[str, Any], kind: str, name: str) -> None:
    """Raise TargetMissingError where a file's first object is of another kind than its source."""
    if said := wrong_kind(value, kind, name):
        raise TargetMissingError(said)
