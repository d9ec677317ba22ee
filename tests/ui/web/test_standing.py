"""Where the explorer shows an issue once the screen has ended, without telling raters too much."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from firstmile.study.decisions import ScreenValue, Step
from firstmile.study.funnel import Place
from firstmile.study.screening_run import freeze_ranking
from firstmile.ui.web.site import Site
from firstmile.ui.web.standing import standings

from . import studies
from .studies import AT, REPORTS, add_issues, make, url_of

IN, OUT = ScreenValue(include=True), ScreenValue(include=False, reason="question")


class Room:
    """A study that is served, and what its raters say."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def say(self, number: int, step: Step, rater: str, value: ScreenValue) -> None:
        self.site.decisions.append(
            url_of(number),
            step,
            rater,
            value,
            codebook="1.0.0",
            at=AT,
            key=f"room {next(studies.NUMBERS)}",
        )

    def place(self, number: int, repository: str = "acme/engine") -> Place:
        self.site.refresh()
        url = url_of(number, repository)
        return standings(self.site, [url])[url].place


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """Return a study of four issues whose screen ended when both raters had thrown 1 out."""
    folder = make(tmp_path / "study", REPORTS[:4])
    made = Room(Site(folder))
    try:
        for rater in ("ada", "ben"):
            made.say(1, Step.SCREEN, rater, OUT)
        freeze_ranking(folder, made.site.decisions, at=datetime(2026, 11, 21, tzinfo=UTC))
        yield made
    finally:
        made.site.close()


def test_what_was_given_up_is_told_apart_from_what_came_later(room: Room) -> None:
    add_issues(room.site.folder, REPORTS[4:5], repository="acme/later")
    assert room.place(2) is Place.NOT_RANKED_HIGH
    assert room.place(1, "acme/later") is Place.TO_SCREEN
    everything = room.site.queues.urls
    assert sum(
        one.place is Place.NOT_RANKED_HIGH for one in standings(room.site, everything).values()
    ) == len(everything) - len([url_of(1), url_of(1, "acme/later")])


def test_what_was_given_up_and_is_read_after_all_waits(room: Room) -> None:
    room.say(2, Step.SCREEN, "former", OUT)
    assert room.place(2) is Place.NOT_RANKED_HIGH
    room.say(2, Step.SCREEN, "ada", OUT)
    assert room.place(2) is Place.TO_SCREEN


def test_one_auditor_does_not_tell_the_other_what_to_think(room: Room) -> None:
    room.say(1, Step.AUDIT, "ada", IN)
    assert room.place(1) is Place.SCREENED_OUT
    room.say(1, Step.AUDIT, "ben", OUT)
    assert room.place(1) is Place.TO_VERIFY


def test_what_one_auditor_brought_back_is_shown_once_it_is_verified(room: Room) -> None:
    room.say(1, Step.AUDIT, "ada", IN)
    for rater in ("ada", "ben"):
        room.say(1, Step.VERIFY, rater, IN)
    assert room.place(1) is Place.TO_LABEL


def test_an_issue_that_came_back_is_where_it_is_once_all_have_labelled_it(room: Room) -> None:
    for rater in ("ada", "ben"):
        room.say(1, Step.AUDIT, rater, IN)
    room.say(1, Step.VERIFY, "ada", IN)
    assert room.place(1) is Place.TO_VERIFY
    codes = {"symptom": "hang/generation", "cause": "api", "stage": "inference"}
    studies.label(room.site.folder, url_of(1), "ada", **codes)
    assert room.place(1) is Place.TO_VERIFY
    studies.label(room.site.folder, url_of(1), "ben", **codes)
    assert room.place(1) is Place.LABELLED
