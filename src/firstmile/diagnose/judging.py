"""Judging: lines in, a diagnosis out; no file, no network, no clock."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property, partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from firstmile.diagnose.abstaining import Abstaining
from firstmile.diagnose.asking import asked
from firstmile.diagnose.citing import Proof
from firstmile.diagnose.classifier import Classifier, load_classifier
from firstmile.diagnose.first_failure import find_following, find_overcome
from firstmile.diagnose.hypotheses import (
    EMPTY,
    GROUNDED,
    NOTHING_FAILED,
    Diagnosis,
    Hypothesis,
    Known,
    Similar,
)
from firstmile.diagnose.likeliest import EVEN, MOST_HYPOTHESES, ranked_leaves
from firstmile.diagnose.meant import as_meant
from firstmile.diagnose.quoting import as_evidence
from firstmile.diagnose.raised import Raised, find_raised
from firstmile.diagnose.reading import Line, read_lines
from firstmile.diagnose.remedies import remedies_of
from firstmile.diagnose.similar import ALIKE, SOUGHT, worth_reading
from firstmile.diagnose.tallying import Chances, Tallied, Tally
from firstmile.diagnose.weighing import (
    AXES,
    Weights,
    drawn_to_symptom,
    family_of,
    held_down_to_half,
    rescaled,
    weigh,
)
from firstmile.errors import UserError
from firstmile.findings import Evidence
from firstmile.knowledge import Entry, Hit, Match, Signatures, load_entries, ranked
from firstmile.knowledge.cases import Case, load_case
from firstmile.knowledge.entries import read_entries
from firstmile.rendering.inert import visible
from firstmile.taxonomy import Axis, load_taxonomy

if TYPE_CHECKING:
    from firstmile.knowledge.told import CaseHead

Groups = list[tuple[int, ...]]
"""Places of lines, those together that say the same."""

MOST_CITED: Final = 8
MOST_NAMED: Final = 3
"""Lines that name exceptions, cited where nothing is likelier than not."""
LIKELY: Final = 0.2
"""A symptom from here on is asked about where there is no answer; with five, equal ones all are."""


class Diagnoser:
    """Judges texts by some entries and a classifier; made once, used for many."""

    def __init__(
        self,
        entries: Sequence[Entry],
        classifier: Classifier,
        case_of: Callable[[str], "Case | CaseHead"],
        tally: Callable[[Sequence[str]], Tallied] | None = None,
    ) -> None:
        """Take what is known; `case_of` gives the case of an id, `tally` counts lines.

        Raises UserError where a signature is no sound pattern.
        """
        self._signatures = Signatures(entries)
        self._classifier = classifier
        self._case_of = case_of
        self._tally = tally or partial(Tally, classifier=classifier)

    def diagnose(self, lines: Sequence[Line], *, without: Sequence[str] = ()) -> Diagnosis:
        """Judge lines; entries and cases whose ids stand in `without` are not looked at."""
        report = _Report(
            lines, self._signatures, self._classifier, self._tally, without=frozenset(without)
        )
        classes, leaves = report.grounded()
        reason = report.abstains(classes)
        likely = [one.code for one in classes[Axis.SYMPTOM] if one.probability >= LIKELY]
        return Diagnosis(
            classes=classes,
            leaves=leaves,
            abstained=reason,
            known=tuple(report.known(match) for match in report.matches[:MOST_HYPOTHESES]),
            remedies=remedies_of(report.matches),
            similar=() if reason in (EMPTY, NOTHING_FAILED) else self._similar(report, leaves),
            questions=asked(reason, likely, report.spoken_of),
        )

    def _similar(
        self, report: "_Report", leaves: Mapping[Axis, Sequence[Hypothesis]]
    ) -> tuple[Similar, ...]:
        cases = (
            (self._case_of(name), likeness)
            for name, likeness in report.nearest()
            if likeness >= min(ALIKE)
        )
        return worth_reading(cases, leaves, report.matches)


@cache
def packaged(*, in_bulk: bool = False) -> Diagnoser:
    """Return the diagnoser of the packaged knowledge; it is shared and never changes.

    For many texts `in_bulk` takes half the time of each, after a later start.
    """
    return _diagnoser(load_entries(), in_bulk=in_bulk)


def _diagnoser(entries: Sequence[Entry], *, in_bulk: bool) -> Diagnoser:
    if not in_bulk:
        return Diagnoser(entries, load_classifier(), load_case)
    from firstmile.diagnose.bulk_tallying import BulkTallying
    from firstmile.diagnose.in_bulk import BulkClassifier
    from firstmile.knowledge.told import case_of_id, with_told

    classifier = BulkClassifier(load_classifier())
    return Diagnoser(with_told(entries), classifier, case_of_id(), BulkTallying(classifier))


@cache
def diagnoser_with(folder: Path, *, in_bulk: bool = False) -> Diagnoser:
    """Return a diagnoser that also knows the entries of a folder.

    Raises UserError where the folder or one of its entries cannot be read, or has the id of a
    packaged one, or where there is no entry.
    """
    try:
        own = read_entries(folder)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UserError(
            f"{visible(str(folder))} cannot be read as a folder of entries: {reason}."
        ) from error
    if not own:
        raise UserError(
            f"{visible(str(folder))} holds no entries: each is a file that ends in .md."
        )
    packaged_ids = {entry.id for entry in load_entries()}
    for entry in own:
        if entry.id in packaged_ids:
            raise UserError(f"The entry {entry.id} is packaged already: give yours another name.")
    return _diagnoser((*own, *load_entries()), in_bulk=in_bulk)


def diagnose_text(text: str) -> Diagnosis:
    """Judge a text by the packaged knowledge."""
    return packaged().diagnose(tuple(read_lines(text)))


class _Report:
    """One text while it is judged."""

    def __init__(
        self,
        lines: Sequence[Line],
        signatures: Signatures,
        classifier: Classifier,
        tally: Callable[[Sequence[str]], Tallied],
        *,
        without: frozenset[str],
    ) -> None:
        self._written = tuple(lines)
        self.lines = as_meant(self._written)
        self._classifier = classifier
        self._without = without
        texts = [line.text for line in self.lines]
        self._looked = signatures.look_at(texts)
        self._tally = tally(texts)
        self._apart: frozenset[int] = frozenset()
        self.matches = self._set_apart()
        self._without_lines: dict[frozenset[int], Weights] = {}
        self.weights = self._weighed()
        self._quoted: dict[int, Evidence] = {}

    @property
    def spoken_of(self) -> frozenset[str]:
        """The clues of the text; a traceback in it counts as one."""
        found = self._tally.clues
        return found | {"traceback"} if self.raised else found

    def nearest(self) -> list[tuple[str, float]]:
        """Return the likest cases with their cosine."""
        return self._tally.nearest(most=SOUGHT, without=self._without)

    @cached_property
    def raised(self) -> tuple[Raised, ...]:
        """The exceptions that the text shows."""
        return find_raised(self.lines)

    def _set_apart(self) -> tuple[Match, ...]:
        """Set apart the lines that were overcome or only followed, and return what is known.

        Entries that only follow stand last.
        """
        failure = find_overcome(self.lines, self.raised)
        met = self._matches(failure.overcome)
        failure = find_following(self.lines, self.raised, met, failure)
        self.named = failure.named
        self._symptom = failure.symptom
        self._apart = failure.overcome | failure.following
        if not failure.following:
            return met
        left = self._matches(self._apart)
        ids = {match.entry.id for match in left}
        later = [match for match in met if match.is_consequence and match.entry.id not in ids]
        return (*left, *(replace(match, follows=True) for match in later))

    def _matches(self, gone: Collection[int] = ()) -> tuple[Match, ...]:
        hits = self._looked.hits(without=gone)
        if hits is self._looked.hits():
            return self._of_all_lines
        return self._ranked(hits)

    @cached_property
    def _of_all_lines(self) -> tuple[Match, ...]:
        return self._ranked(self._looked.hits())

    def _ranked(self, hits: Iterable[Hit]) -> tuple[Match, ...]:
        return ranked(hit for hit in hits if hit.entry.id not in self._without)

    def _weighed(self) -> Weights:
        if self._apart:
            return self._left_without(frozenset())
        return weigh(_said(self._tally), self.matches, self._classifier)

    def known(self, match: Match) -> Known:
        """Return what of an entry is met."""
        telling = dict.fromkeys(hit.lines[0] for hit in match.telling)
        return Known(
            id=match.entry.id,
            title=match.entry.title,
            decides=match.decides,
            is_consequence=match.is_consequence,
            evidence=tuple(self._evidence(place) for place in list(telling)[:3]),
        )

    def _evidence(self, place: int) -> Evidence:
        quoted = self._quoted.get(place)
        if quoted is None:
            quoted = self._quoted[place] = as_evidence(self._written[place])
        return quoted

    def abstains(self, classes: Mapping[Axis, Sequence[Hypothesis]]) -> str | None:
        """Return why no answer is given, or None where one is."""
        abstaining = Abstaining(self.lines, self.raised, self.matches, self._tally.clues)
        return abstaining.reason(classes)

    def grounded(self) -> tuple[dict[Axis, tuple[Hypothesis, ...]], ...]:
        """Return the hypotheses of the classes, with evidence, and those of the leaves.

        What no line speaks for is held down to one half.
        """
        taxonomy = load_taxonomy().by_code
        classes, leaves = {}, {}
        for axis in AXES:
            chances, finer = self.weights.classes(axis), self.weights.leaves(axis)
            code, chance = self.weights.best(axis)
            cited: tuple[int, ...] = ()
            if chance > GROUNDED:
                cited = self._cite(axis, code, chance)
                if not cited:
                    held_down = held_down_to_half(chances, code)
                    finer = rescaled(finer, held_down, chances)
                    chances = held_down
            if not cited and axis is Axis.SYMPTOM:
                cited = self.named[:MOST_NAMED]
            evidence = tuple(map(self._evidence, cited))
            order = sorted(chances.items(), key=lambda pair: (pair[0] != code, -pair[1]))
            classes[axis] = tuple(
                Hypothesis(
                    axis=axis,
                    code=name,
                    label=taxonomy[name].label,
                    probability=value,
                    evidence=evidence if name == code else (),
                )
                for name, value in order
            )
            leaves[axis] = ranked_leaves(finer, axis, classes[axis])
        return classes, leaves

    def _cite(self, axis: Axis, code: str, chance: float) -> tuple[int, ...]:
        """Return lines without which a class is less probable, as few as will do.

        Lines that say the same, as several ranks do, are cited together, and those that prove
        something to a reader before others.
        """
        for in_order in (self._proof.ordered, list):
            groups = self._speaking_for(axis, code, in_order)
            if cited := self._first_that_will_do(groups, axis, code, chance):
                return cited
        return ()

    def _speaking_for(
        self, axis: Axis, code: str, in_order: Callable[[Groups], Groups]
    ) -> Iterator[tuple[int, ...]]:
        """Yield groups of lines: those that meet entries, then those whose words draw to a code."""
        known = self._known_to_speak_for(axis, code)
        yield from known
        drawn = dict.fromkeys(self._drawn_by_words(axis, code))
        if axis is Axis.SYMPTOM:
            # What an exception says is proof of what failed also where its words are unknown.
            named = [group for group in self._alike.values() if self._proof.names(group)]
            drawn |= dict.fromkeys(named[:MOST_NAMED])
        yield from (group for group in in_order(list(drawn)) if group not in known)

    @cached_property
    def _proof(self) -> Proof:
        return Proof(self.lines, self.raised, named=self.named, apart=self._apart)

    def _first_that_will_do(
        self, groups: Iterable[tuple[int, ...]], axis: Axis, code: str, chance: float
    ) -> tuple[int, ...]:
        leaf, leaf_chance = max(
            (pair for pair in self.weights.leaves(axis).items() if family_of(pair[0]) == code),
            key=lambda pair: pair[1],
        )
        cited: set[int] = set()
        for group in islice(groups, MOST_CITED):
            cited.update(group)
            left = self._left_without(frozenset(cited))
            if left.classes(axis)[code] < chance - 1e-9 and (
                leaf_chance <= GROUNDED or left.leaves(axis)[leaf] < leaf_chance - 1e-9
            ):
                return tuple(sorted(cited))
        return ()

    @cached_property
    def _alike(self) -> dict[str, tuple[int, ...]]:
        """The places of lines, those together that say the same."""
        groups: dict[str, list[int]] = {}
        for place, line in enumerate(self.lines):
            groups.setdefault(line.body, []).append(place)
        return {body: tuple(places) for body, places in groups.items()}

    def _left_without(self, places: frozenset[int]) -> Weights:
        """Weigh the text without some lines, nor those that are set apart."""
        if places not in self._without_lines:
            gone = places | self._apart
            chances, is_empty = self._tally.without(gone)
            if self._apart:
                # Work that was done before, or by others, tells the stage all the same.
                stage = Axis.STAGE.value
                chances = {**chances, stage: self._tally.without(places)[0][stage]}
            if self._symptom is not None and not places.issuperset(self.named):
                chances = drawn_to_symptom(chances, self._symptom, self._classifier)
            self._without_lines[places] = weigh(
                None if is_empty else chances, self._matches(gone), self._classifier
            )
        return self._without_lines[places]

    def _known_to_speak_for(self, axis: Axis, code: str) -> list[tuple[int, ...]]:
        """Return groups of lines that meet entries, the most telling first."""
        own = [match for match in self.matches if _code_of(match, axis) == code]
        own = [match for match in own if not match.follows]
        groups = dict.fromkeys(hit.lines for match in own for hit in match.telling)
        groups |= dict.fromkeys(hit.lines for match in own for hit in match.hits)
        return list(groups)

    def _drawn_by_words(self, axis: Axis, code: str) -> list[tuple[int, ...]]:
        """Return groups of lines by how much their words draw to a class, the most first."""
        part = axis.value
        if code not in self._classifier.codes[part]:
            return []
        bodies = {places[0]: body for body, places in self._alike.items()}
        found = zip(self._tally.strengths(part, code, bodies), self._alike.values(), strict=True)
        # Rounded, so that lines that tell as much stand in their order, however it is added up.
        strengths = [(-round(strength, EVEN), places) for strength, places in found if strength > 0]
        groups = [places for _, places in sorted(strengths)]
        if not self._apart or axis is Axis.STAGE:
            return groups
        left = (tuple(place for place in group if place not in self._apart) for group in groups)
        return [group for group in left if group]


def _said(tally: Tallied) -> Chances | None:
    """Return what the classifier says of a text; None where it knows nothing of it."""
    return None if tally.is_empty else tally.chances


def _code_of(match: Match, axis: Axis) -> str | None:
    code = getattr(match.entry.classification, axis.value)
    return None if code is None else family_of(code)
