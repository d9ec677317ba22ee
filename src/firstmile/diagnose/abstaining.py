"""Abstaining: when no answer is given, and why: nothing failed, or nothing points to a cause."""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Final

from firstmile.diagnose.complaining import (
    asks_for_something_new,
    complains,
    ends_vaguely,
    says_all_is_well,
)
from firstmile.diagnose.ending import Course
from firstmile.diagnose.explaining import explains
from firstmile.diagnose.hypotheses import EMPTY, NOTHING_FAILED, SEVERAL_CAUSES, Hypothesis
from firstmile.diagnose.library_words import is_library_sentence
from firstmile.diagnose.passing_on import is_passed_on
from firstmile.diagnose.raised import Raised
from firstmile.diagnose.reading import Line
from firstmile.diagnose.spoiled_output import is_spoken_of, shows
from firstmile.diagnose.subject import is_about_models
from firstmile.diagnose.trending import goes_astray
from firstmile.knowledge import Match
from firstmile.taxonomy import Axis

UNSURE: Final = {Axis.SYMPTOM: 0.4, Axis.CAUSE: 0.25}
"""Below either, without an entry that decides, no answer is given; see the docs for its price."""
_ENDING: Final = frozenset(("crash", "loading", "hang"))
"""Symptoms that end a run: one that goes on and ends well did not have them."""
_SPOILED: Final = "incorrect"
_WARNS: Final = "Warning"


class Abstaining:
    """Whether one text is answered."""

    def __init__(
        self,
        lines: Sequence[Line],
        raised: Sequence[Raised],
        matches: Sequence[Match],
        clues: Collection[str],
    ) -> None:
        """Take what is known of the text."""
        self._lines = lines
        self._raised = raised
        self._matches = matches
        self._clues = clues
        self._course = Course(lines, raised)

    def reason(self, classes: Mapping[Axis, Sequence[Hypothesis]]) -> str | None:
        """Return why no answer is given, or None where one is."""
        if not any(line.text.strip() for line in self._lines):
            return EMPTY
        if explains(self._lines, self._raised, lambda: self._complains):
            return NOTHING_FAILED
        if self._is_decided:
            return None
        if not (self._is_spoiled or self._has_failed):
            return NOTHING_FAILED
        symptom = classes[Axis.SYMPTOM][0]
        if self._is_spoiled and not self._raised:
            # What is wrong stands there, whatever it comes from.
            said = symptom.code == _SPOILED and symptom.probability >= UNSURE[Axis.SYMPTOM]
            if said or not self._has_failed:
                return None if said else SEVERAL_CAUSES
        if not (self._matches or self._clues) or self._says_too_little:
            return SEVERAL_CAUSES
        unsure = any(classes[axis][0].probability < least for axis, least in UNSURE.items())
        return SEVERAL_CAUSES if unsure else None

    @cached_property
    def _is_decided(self) -> bool:
        """Whether an entry decides by lines that tell of the process itself, up to its end."""
        return any(match.decides and self._counts(match) for match in self._matches)

    def _counts(self, match: Match) -> bool:
        places = [place for hit in match.telling for place in hit.lines]
        symptom = match.entry.classification.symptom
        if symptom is None or symptom.partition("/")[0] not in _ENDING:
            return self._complains or not self._only_warns(places)
        own = any(
            not is_passed_on(self._lines[place].text) and not self._course.overcomes(place)
            for place in places
        )
        return own or self._complains

    def _only_warns(self, places: Sequence[int]) -> bool:
        """Say whether a library warns in some lines, after which the work goes on."""
        texts = [self._lines[place].text for place in places]
        warned = any(_WARNS in text or is_library_sentence(text) for text in texts)
        return warned and all(map(self._course.overcomes, places))

    @cached_property
    def _complains(self) -> bool:
        return complains(
            self._lines,
            known=bool(self._matches),
            has_clues=bool(self._clues),
            ends_well=self._course.ends_well,
        )

    @cached_property
    def _is_spoiled(self) -> bool:
        """Whether it shows output that nobody could read, or is told to be about such."""
        return shows(self._lines) or is_spoken_of(self._lines)

    @property
    def _has_failed(self) -> bool:
        if self._course.fails or goes_astray(self._lines):
            return True
        if asks_for_something_new(self._lines) or says_all_is_well(self._lines):
            return False
        return self._complains

    @property
    def _says_too_little(self) -> bool:
        """Whether it is about something else, or says no more than that something is amiss."""
        if self._matches:
            return False
        told = any(not each.frames for each in self._raised)
        if not told and not is_about_models(self._lines):
            return True
        return not self._raised and ends_vaguely(self._lines, self._clues)
