"""Answers that checks give where there is no command: they are theirs, and only a shortcut."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from firstmile.check import unasked
from firstmile.check.indexing import answers, index_text
from firstmile.check.running import judge_all
from firstmile.check.unasked import Unasked, checks_without_command, read_answers
from firstmile.check.unit import NOTHING, check_id, check_ids, explanation, find_checks
from firstmile.check.worlds import LLAMA, folder, machine, shard, world
from firstmile.facts.snapshot import Snapshot

MODEL = folder(config=LLAMA, shards=[shard({"lm_head.weight": ("BF16", (8, 8))})])
AGAIN = "after a change of checks: python -m firstmile.check.indexing"
WORLDS = (Snapshot(), world(MODEL), world(MODEL, machine(packages={"vllm": "0.11.0"})))


def test_every_answer_that_stands_is_the_one_that_its_check_gives() -> None:
    given, found = read_answers(), answers()
    assert {name: found.get(name) for name in given} == given, AGAIN


def test_more_than_half_of_the_checks_need_not_be_imported() -> None:
    assert len(read_answers()) > len(check_ids()) / 2, AGAIN


@pytest.mark.parametrize("snapshot", WORLDS)
def test_without_a_command_they_find_what_all_checks_find(snapshot: Snapshot) -> None:
    checks = checks_without_command()
    assert [check_id(each) for each in checks] == list(check_ids())
    assert judge_all(checks, snapshot, NOTHING) == judge_all(find_checks(), snapshot, NOTHING)
    for one, whole in zip(checks, find_checks(), strict=True):
        assert explanation(one).good_state == explanation(whole).good_state
        assert (one.ABOUT.cause, one.ABOUT.stage) == (whole.ABOUT.cause, whole.ABOUT.stage)


def test_a_check_that_was_changed_is_imported_and_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stated = json.loads(unasked.FILE.read_bytes())
    first, second = sorted(read_answers())[:2]
    stated[first][0] += 1
    file = tmp_path / "unasked.json"
    file.write_text(json.dumps(stated))
    monkeypatch.setattr(unasked, "FILE", file)
    assert first not in read_answers(file)
    assert second in read_answers(file)
    os.utime(file, (0, 0))
    assert not read_answers(file)


@pytest.mark.parametrize("text", ["", "[]", '{"a": 1}', '{"a": [1, 2, 3, 4, 5, 6]}'])
def test_a_file_that_is_broken_or_absent_holds_no_answer(tmp_path: Path, text: str) -> None:
    file = tmp_path / "unasked.json"
    assert not read_answers(file)
    file.write_text(text)
    assert not read_answers(file)


def test_an_answer_of_a_check_that_is_gone_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "unasked.json"
    row = next(iter(json.loads(unasked.FILE.read_bytes()).values()))
    file.write_text(json.dumps({"check_that_is_gone": row}))
    assert not read_answers(file)


def test_the_same_checks_give_the_same_text() -> None:
    assert index_text() == index_text()
    assert len(json.loads(index_text())) == len(answers())


def test_a_process_without_a_command_imports_half_of_the_checks_at_most() -> None:
    code = (
        "import sys, firstmile; firstmile.check(sys.argv[1]); "
        "print(sum(name.startswith('firstmile.check.checks.') for name in sys.modules))"
    )
    here = str(Path(__file__).parent)
    done = subprocess.run([sys.executable, "-c", code, here], capture_output=True, text=True)
    assert int(done.stdout) < len(check_ids()) / 2, done.stderr


def test_a_check_that_stands_for_another_has_no_examples_of_its_own() -> None:
    name, answer = next(iter(read_answers().items()))
    assert list(Unasked(name, answer).examples()) == []
