"""Each target of the fuzzer, on its seeds and on some thousand changes of them, unguided."""

import json
import random
from pathlib import Path

import pytest
from fuzz.mutation import LONGEST, mutated
from fuzz.seeds import seeds
from fuzz.slices import Slices
from fuzz.targets import TARGETS

from firstmile.diagnose.hypotheses import plain
from firstmile.diagnose.judging import diagnose_text

CHANGES = {"read": 2_000, "find": 2_000, "meet": 500, "diagnose": 60, "show": 150}
"""How many inputs: about a second of each."""
GUARDED = ("read", "find", "meet", "diagnose", "show")


@pytest.mark.parametrize("name", list(TARGETS))
def test_a_target_holds_on_its_seeds(name: str) -> None:
    for seed in seeds(name):
        TARGETS[name](seed)


@pytest.mark.parametrize("name", GUARDED)
def test_a_target_holds_on_changes_of_its_seeds(name: str) -> None:
    chance = random.Random(name)
    for _ in range(CHANGES[name]):
        data = mutated(seeds(name), chance)
        assert len(data) <= LONGEST
        TARGETS[name](data)


def test_changes_reach_the_words_that_matter() -> None:
    chance = random.Random(1)
    made = b"".join(mutated(seeds("read"), chance) for _ in range(2_000))
    for word in (b"\x1b[", b"Traceback", b"[rank0]: ", b"\r", b"<script>"):
        assert made.count(word) > 20


def test_a_target_refuses_what_is_not_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fuzz.targets.as_text", lambda _told: "\x1b[31m")
    with pytest.raises(AssertionError):
        TARGETS["show"](b"x")


def test_a_page_with_a_script_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fuzz.targets.as_page", lambda _told, title: f"<p>{title}<script>")
    with pytest.raises(AssertionError, match="script"):
        TARGETS["show"](b"x")


def test_a_text_with_half_a_character_is_judged_as_any_other() -> None:
    assert plain(diagnose_text("ValueError: \ud800\n"))["symptoms"]


@pytest.mark.parametrize("key", ["id", "text"])
def test_a_batch_goes_on_after_half_a_character(key: str) -> None:
    line = {"id": "a", "text": "it broke"} | {key: "\ud800"}
    TARGETS["batch"](json.dumps(line).encode())


@pytest.mark.parametrize("place", ['title = "{}t"', "## Fix\n{}"])
def test_an_entry_of_ones_own_makes_no_terminal_act(place: str) -> None:
    seed = seeds("entry")[-1].decode()
    mark = "\\u001b[31m" if place.startswith("title") else "\x1b[31m"
    changed = seed.replace(place.format(""), place.format(mark))
    assert changed != seed
    TARGETS["entry"](changed.encode())


@pytest.mark.parametrize(
    "written", ['signatures = ["a"]', "signatures = [1]", '[signatures]\npattern = "a"']
)
def test_an_entry_whose_signatures_are_no_tables_is_refused(written: str) -> None:
    seed = seeds("entry")[-1].decode()
    changed = seed.replace('[[signatures]]\npattern = "(a+)+$"', written)
    assert changed != seed
    TARGETS["entry"](changed.encode())


def test_an_entry_that_is_nested_too_deep_is_refused() -> None:
    deep = f"references = {'[' * 6_000}{']' * 6_000}\n"
    seed = seeds("entry")[-1].decode()
    TARGETS["entry"](seed.replace("written_from", f"{deep}written_from").encode())


def test_an_hour_goes_on_where_it_was_and_a_finished_one_begins_anew(tmp_path: Path) -> None:
    file = tmp_path / "progress.json"
    first = Slices(file, 100, ["a", "b"])
    assert first.next({}) == ("a", 25)
    first.add("a", 25)
    later = Slices(file, 100, ["a", "b"])
    assert later.left == 75
    assert later.next({}) == ("b", 25)
    assert later.next({"b": []}) == ("a", 25)
    assert later.next({"a": [], "b": []}) is None
    later.add("b", 75)
    assert later.next({}) is None
    assert Slices(file, 100, ["a", "b"]).left == 100


@pytest.mark.parametrize("broken", ["", "[1]", '{"a": "x"}', "\x00", '{"a": null}'])
def test_a_broken_record_of_the_hour_begins_it_anew(broken: str, tmp_path: Path) -> None:
    (tmp_path / "progress.json").write_text(broken, encoding="utf-8")
    assert Slices(tmp_path / "progress.json", 60, ["a"]).left == 60


def test_the_last_slice_is_no_longer_than_what_is_left(tmp_path: Path) -> None:
    slices = Slices(tmp_path / "progress.json", 60, ["a"])
    slices.add("a", 57)
    assert slices.next({}) == ("a", 4)
