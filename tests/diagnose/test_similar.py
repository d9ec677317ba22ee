"""Cases shown as similar are of the same kind, and not only full of the same words."""

from dataclasses import replace
from pathlib import Path

import pytest

from firstmile.diagnose.hypotheses import Diagnosis
from firstmile.diagnose.judging import diagnose_text
from firstmile.diagnose.similar import ALIKE, ENDED, MOST, tells_something, worth_reading
from firstmile.knowledge import Case, load_cases, load_entries
from firstmile.knowledge.cases import Outcome, load_case
from firstmile.taxonomy import Axis

LOGS = Path(__file__).parents[1] / "lab" / "logs" / "failing"
MISSING_SHARD = """\
Traceback (most recent call last):
  File "/home/user/load.py", line 4, in <module>
    model = AutoModelForCausalLM.from_pretrained(folder)
  File "/opt/site-packages/transformers/modeling_utils.py", line 508, in load_state_dict
    with safe_open(checkpoint_file, framework="pt") as f:
FileNotFoundError: No such file or directory: "/data/qwen/model-00003-of-00004.safetensors"
"""
OUT_OF_MEMORY = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.\n"


def kin(found: Diagnosis, name: str) -> int:
    case = load_case(name)
    given = case.classification
    entries = {one.id for one in found.known}
    if any(case.url in entry.written_from for entry in load_entries() if entry.id in entries):
        return 2
    return int(given.symptom == found.leaves[Axis.SYMPTOM][0].code)


def begins(case: Case, symptom: str) -> bool:
    return str(case.classification.symptom).startswith(symptom)


def test_a_missing_shard_brings_up_no_failure_of_communication() -> None:
    for one in diagnose_text(MISSING_SHARD).similar:
        assert begins(load_case(one.id), "loading/"), one.id


@pytest.mark.parametrize("log", sorted(LOGS.glob("*.log"))[::6], ids=lambda log: log.stem)
def test_a_similar_case_shares_entry_or_symptom_or_is_very_much_alike(log: Path) -> None:
    found = diagnose_text(log.read_text(encoding="utf-8"))
    assert len(found.similar) <= MOST
    for one in found.similar:
        assert one.similarity >= ALIKE[kin(found, one.id)], one.id


def test_the_nearest_in_kind_stand_before_the_nearest_in_words() -> None:
    found = diagnose_text(OUT_OF_MEMORY)
    cause = found.leaves[Axis.CAUSE][0].code
    ended = [case for case in load_cases() if case.outcome in ENDED]
    memory = [case for case in ended if begins(case, "crash/cuda/out-of-memory")]
    own = next(case for case in memory if case.classification.cause == cause)
    other, another = [case for case in ended if begins(case, "crash/value")][:2]
    strange = next(case for case in ended if begins(case, "slow"))
    given = [(strange, 0.99), (other, 0.9), (another, 0.3), (own, 0.25)]
    chosen = worth_reading(given, found.leaves, ())
    assert [one.id for one in chosen] == [own.id, other.id]


def test_of_one_kind_a_thread_with_a_way_out_comes_first_and_one_that_tells_nothing_never() -> None:
    found = diagnose_text(OUT_OF_MEMORY)
    cause = found.leaves[Axis.CAUSE][0].code
    own = next(
        case
        for case in load_cases()
        if begins(case, "crash/cuda/out-of-memory") and case.classification.cause == cause
    )
    silent = replace(own, id="a", outcome=Outcome.UNKNOWN, resolution="No answer could be read.")
    advice = "A maintainer advised to lower max_model_len to 4096; no result is told."
    advised = replace(own, id="b", outcome=Outcome.UNKNOWN, resolution=advice)
    solved = replace(own, id="c", outcome=Outcome.WORKED_AROUND, resolution="Batch 1 helped.")
    chosen = worth_reading([(silent, 0.9), (advised, 0.8), (solved, 0.5)], found.leaves, ())
    assert [one.id for one in chosen] == ["c", "b"]


@pytest.mark.parametrize(
    ("resolution", "is_told"),
    [
        ("The answer could not be read.", False),
        ("No answer could be read; the issue was closed as stale.", False),
        ("The issue carries the label solved; the answer could not be read.", False),
        ("Only the report could be read; how it ended is outside what could be read.", False),
        ("The 74 comments of the thread couldn't be read, so how it ended isn't known.", False),
        ("No outcome is told.", False),
        ("A maintainer advised to try other DeepSpeed versions; no result is told.", True),
        ("The maintainer answered that visual_inputs: true has to be set in the file.", True),
        ("With NCCL_P2P_DISABLE=1 it went on for one user; how it ended was not told.", True),
    ],
)
def test_what_says_nothing_is_told_from_an_advice_without_an_end(
    resolution: str, is_told: bool
) -> None:
    assert tells_something(resolution) == is_told


def test_every_similar_case_tells_something() -> None:
    for log in sorted(LOGS.glob("*.log"))[::9]:
        for one in diagnose_text(log.read_text(encoding="utf-8")).similar:
            assert one.outcome in ENDED or tells_something(one.resolution), one.id


@pytest.mark.parametrize("text", ["", "Loading checkpoint shards: 100%\nall is well\n"])
def test_where_nothing_failed_nothing_is_similar(text: str) -> None:
    assert diagnose_text(text).similar == ()
