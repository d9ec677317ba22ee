"""How a rule says what it found."""

from collections.abc import Collection, Iterable
from itertools import islice

from msgspec.structs import replace

from firstmile.findings import Evidence, Finding, Outcome
from firstmile.rendering.inert import visible
from firstmile.study.reading.quoting import shown

SHOWN = 100
"""Places quoted for one finding; its message counts all of them."""


def fine(message: str) -> Finding:
    """Say that a rule looked and found nothing."""
    return Finding(source="", outcome=Outcome.PASS, message=message)


def doubtful(
    message: str, evidence: Iterable[Evidence] = (), *, remedy: str | None = None
) -> Finding:
    """Say what is doubtful, with the first places that show it; all of it is made inert."""
    places = tuple(
        replace(place, text=shown(place.text), file=place.file and shown(place.file))
        for place in islice(evidence, SHOWN)
    )
    return Finding(
        source="", outcome=Outcome.WARN, message=visible(message), evidence=places, remedy=remedy
    )


def not_known(message: str) -> Finding:
    """Say why a rule could not look."""
    return Finding(source="", outcome=Outcome.SKIP, message=message)


def number(count: int, singular: str, plural: str | None = None) -> str:
    """Return a count with its noun: 1 record, 2 records."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


def listed(names: Collection[str], *, most: int = 20) -> str:
    """Return names joined by commas, the first ones where there are many."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(islice(names, most)) + more
