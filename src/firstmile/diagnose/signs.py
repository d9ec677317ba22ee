"""Signs: what the classifier looks at in a report: its words, its entries, its exceptions."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from firstmile.diagnose.raised import Raised, find_raised
from firstmile.diagnose.reading import Line, read_lines
from firstmile.diagnose.wording import count_words
from firstmile.knowledge.entries import Entry
from firstmile.knowledge.matching import Match, Signatures, ranked

_PLACES: Final = {
    "from_pretrained": "loading",
    "load_model": "loading",
    "_load_pretrained_model": "loading",
    "load_state_dict": "loading",
    "build": "loading",
    "generate": "generating",
    "chat": "generating",
    "_sample": "generating",
    "sample": "generating",
    "train": "training",
    "training_step": "training",
    "_inner_training_loop": "training",
    "backward": "training",
    "get_peft_model": "training",
    "save_pretrained": "saving",
    "__init__": "starting",
}


class Signs:
    """What is seen in one report: lines, exceptions, entries that are met."""

    def __init__(self, text: str | Sequence[Line], signatures: Signatures) -> None:
        """Read a text once, or take its lines; everything else is derived from them."""
        self.lines: tuple[Line, ...] = tuple(read_lines(text) if isinstance(text, str) else text)
        self.raised: tuple[Raised, ...] = find_raised(self.lines)
        self.matches: tuple[Match, ...] = ranked(
            signatures.hits([line.text for line in self.lines])
        )

    def words(self) -> Counter[str]:
        """Count the words of all lines."""
        return count_words("\n".join(line.text for line in self.lines))

    def facts(self, *, without: Iterable[Entry] = ()) -> Counter[str]:
        """Count what is known beyond the words; entries in `without` are not looked at.

        Each fact has a name of its own kind, such as "entry-cause:hardware decides".
        """
        hidden = {entry.id for entry in without}
        found: Counter[str] = Counter()
        matches = [match for match in self.matches if match.entry.id not in hidden]
        for place, match in enumerate(matches):
            found.update(_of_match(match, first=place == 0))
        found.update(_of_raised(self.raised))
        return found


def _of_match(match: Match, *, first: bool) -> Iterator[str]:
    given = match.entry.classification
    weight = "hints" if not match.decides else "follows" if match.is_consequence else "decides"
    for axis in ("symptom", "cause", "stage"):
        code = getattr(given, axis)
        if code is None:
            continue
        yield f"entry-{axis}:{code.split('/')[0]} {weight}"
        yield f"entry-{axis}:{code} {weight}"
        if first:
            yield f"first-{axis}:{code.split('/')[0]} {weight}"


def _of_raised(raised: Sequence[Raised]) -> Iterator[str]:
    if not raised:
        yield "no exception"
        return
    for each in (raised[0], raised[-1]):
        yield f"raised:{each.name}"
        for frame in each.frames:
            if frame.function in _PLACES:
                yield f"while:{_PLACES[frame.function]}"
