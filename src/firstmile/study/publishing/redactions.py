"""How much was replaced in what the archive holds, each issue counted once.

An issue that was edited, or that a full pass read again, lies in the archive several times; its
newest record says what there is of it. Of a source that joins an issue from several records each
part counts once.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from firstmile.study.archive import Archive, ArchivedPage
from firstmile.study.sources import find_source

_WHOLE: Final = frozenset({"the whole issue"})
"""What a record tells of where its source does not join several."""

_Key = tuple[str, str, int]


def redactions(archive: Archive) -> Mapping[str, int]:
    """Return how much of each kind was replaced, in the newest record of each issue.

    A page of an earlier version, which does not say it record by record, counts whole as long as
    one of its records is the newest.
    """
    found = Counter[str]()
    told: dict[_Key, set[str]] = {}
    # Sorting keeps the order of pages that were taken in the same second.
    for page in sorted(archive.pages(), key=lambda page: page.head.fetched_at)[::-1]:
        marks = list(_marks(page))
        newest = []
        for key, parts, redacted in reversed(marks):
            known = told.setdefault(key, set())
            if not parts <= known:
                known |= parts
                newest.append(redacted)
        if not any(redacted for _key, _parts, redacted in marks):
            newest = [page.head.redacted] if newest else []
        for counts in newest:
            found.update(counts)
    return dict(sorted(found.items()))


def _marks(page: ArchivedPage) -> Iterator[tuple[_Key, frozenset[str], Mapping[str, int]]]:
    """Yield of each record which issue it is of, what it tells of, and what was replaced in it."""
    kind = page.head.source
    source = find_source(kind)
    # Whatever a repository is called at the time, its target stays.
    of_target = bool(getattr(source, "TARGET_IS_REPOSITORY", False))
    parts = getattr(source, "parts", None)
    for one in page.records():
        name = page.head.target if of_target else one.repository
        told = parts(one) if parts else _WHOLE
        yield (kind, name.casefold(), one.number), told, one.redacted
