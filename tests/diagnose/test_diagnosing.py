"""A text is judged: what failed, why, which lines prove it, and when there is no answer."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstmile.diagnose.classifier import load_classifier
from firstmile.diagnose.hypotheses import GROUNDED, Diagnosis, Hypothesis, plain
from firstmile.diagnose.judging import diagnose_text, diagnoser_with, packaged
from firstmile.diagnose.reading import read_lines
from firstmile.diagnose.tallying import Tally
from firstmile.diagnose.weighing import weigh
from firstmile.errors import UserError
from firstmile.knowledge import Signatures, load_cases, load_entries, ranked
from firstmile.taxonomy import Axis, load_taxonomy

OUT_OF_MEMORY = """\
loading the model
Traceback (most recent call last):
  File "/home/user/run.py", line 3, in <module>
    model = AutoModelForCausalLM.from_pretrained(path).cuda()
torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.32 GiB (GPU 0; 23.65 GiB \
total capacity; 20.85 GiB already allocated)
"""

RANKS = """\
[rank1]: Traceback (most recent call last):
[rank1]:   File "/home/user/train.py", line 9, in <module>
[rank1]:     loss.backward()
[rank1]: torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.00 GiB. GPU 1 has a \
total capacity of 79.15 GiB of which 752.31 MiB is free.
[rank0]:[E1127 10:00:00.000000 1 ProcessGroupNCCL.cpp:607] [Rank 0] Watchdog caught collective \
operation timeout: WorkNCCL(SeqNum=12, OpType=ALLREDUCE) ran for 600000 milliseconds before timing \
out.
torch.distributed.elastic.multiprocessing.errors.ChildFailedError:
"""

HEALTHY = """\
2026-01-02 10:00:00,123 - INFO - loading configuration file config.json
Loading checkpoint shards: 100%|██████████| 4/4 [00:05<00:00,  1.30s/it]
{'loss': 1.2345, 'grad_norm': 0.9, 'learning_rate': 1e-05, 'epoch': 0.1}
100%|██████████| 100/100 [01:00<00:00,  1.65it/s]
Saving model checkpoint to out/checkpoint-100
"""


def judged(text: str) -> Diagnosis:
    return diagnose_text(text)


def test_an_error_is_named_with_the_line_that_proves_it() -> None:
    found = judged(OUT_OF_MEMORY)
    assert found.abstained is None
    assert found.leaves[Axis.SYMPTOM][0].code == "crash/cuda/out-of-memory"
    assert found.leaves[Axis.SYMPTOM][0].label == "Crash - CUDA Error - Out of Memory"
    assert found.entry is not None
    for one in (found.classes[Axis.SYMPTOM][0], found.leaves[Axis.SYMPTOM][0], found.known[0]):
        assert [(line.record, line.text[:31]) for line in one.evidence] == [
            (5, "torch.cuda.OutOfMemoryError: CU")
        ]
    assert 5 in [line.record for line in found.evidence]
    assert found.remedies[0].fix
    assert found.questions == ()


def test_the_first_cause_stands_before_what_followed_from_it() -> None:
    found = judged(RANKS)
    assert found.leaves[Axis.SYMPTOM][0].code == "crash/cuda/out-of-memory"
    assert not found.known[0].is_consequence
    assert found.known[0].evidence[0].record == 4
    followed = [one.id for one in found.known if one.is_consequence]
    assert followed
    assert set(followed).isdisjoint(one.entry for one in found.remedies)


@pytest.mark.parametrize("text", ["", "\n\n", HEALTHY, "hello"])
def test_where_nothing_failed_there_is_no_answer(text: str) -> None:
    found = judged(text)
    assert found.abstained is not None
    assert found.entry is None
    assert found.questions
    assert found.leaves[Axis.CAUSE]


def test_an_empty_text_makes_every_class_equally_likely() -> None:
    for hypotheses in judged("").classes.values():
        assert len({round(one.probability, 9) for one in hypotheses}) == 1


VAGUE = tuple(
    f"It crashes with an error {when}."
    for when in ("for every question", "while it answers", "with two cards", "at night", "again")
)


@pytest.mark.parametrize("text", [*VAGUE, *(case.text for case in load_cases()[::6])])
def test_the_likeliest_stands_first_also_where_no_line_proves_it(text: str) -> None:
    lines = tuple(read_lines(text))
    said = [line.text for line in lines]
    weights = weigh(
        Tally(said, load_classifier()).chances,
        ranked(Signatures(load_entries()).hits(said)),
        load_classifier(),
    )
    found = packaged().diagnose(lines)
    for axis, hypotheses in found.classes.items():
        assert hypotheses[0].code == weights.best(axis)[0]
        assert hypotheses[0].probability == max(one.probability for one in hypotheses)
    assert found.leaves[Axis.STAGE][0].code == found.classes[Axis.STAGE][0].code


def test_words_without_an_error_line_are_weighed_too() -> None:
    found = judged("量化成 int4 之后，vllm 部署的模型输出全是感叹号!!!!!!!!，没量化的正常。")
    assert found.classes[Axis.SYMPTOM][0].code == "incorrect"
    assert found.similar
    assert all(0 < one.similarity <= 1 for one in found.similar)


@pytest.mark.parametrize("case", load_cases()[::9], ids=lambda case: case.id)
def test_what_is_likelier_than_not_stands_and_falls_with_the_lines_cited(case: object) -> None:
    text = getattr(case, "text", "")
    lines = tuple(read_lines(text))
    found = packaged().diagnose(lines)
    for held in (found.classes, found.leaves):
        for axis, hypotheses in held.items():
            for one in hypotheses:
                if one.probability > GROUNDED + 1e-9:
                    assert one.evidence, one
                    cited = {line.record for line in one.evidence}
                    left = tuple(line for line in lines if line.number not in cited)
                    again = packaged().diagnose(left)
                    assert chance(again, axis, one) < one.probability


@pytest.mark.parametrize("case", load_cases()[::6], ids=lambda case: case.id)
def test_in_a_batch_the_answer_is_the_same_to_the_last_digit(case: object) -> None:
    lines = tuple(read_lines(f"{RANKS}{getattr(case, 'text', '')}"))
    assert plain(packaged(in_bulk=True).diagnose(lines)) == plain(packaged().diagnose(lines))


def chance(found: Diagnosis, axis: Axis, wanted: Hypothesis) -> float:
    every = (*found.classes[axis], *found.leaves[axis])
    return next((one.probability for one in every if one.code == wanted.code), 0.0)


@settings(max_examples=60)
@given(st.lists(st.sampled_from([*OUT_OF_MEMORY.split("\n"), *RANKS.split("\n"), HEALTHY])))
def test_probabilities_add_up_and_every_code_is_in_the_codebook(lines: list[str]) -> None:
    codes = load_taxonomy().by_code
    found = judged("\n".join(lines))
    for axis, hypotheses in found.classes.items():
        assert sum(one.probability for one in hypotheses) == pytest.approx(1)
        assert all(codes[one.code].axis is axis for one in hypotheses)
        order = [one.probability for one in hypotheses]
        assert order == sorted(order, reverse=True)


@settings(max_examples=60)
@given(st.text(max_size=400))
def test_any_text_is_judged_the_same_way_twice(text: str) -> None:
    assert plain(judged(text)) == plain(judged(text))


def test_entries_of_ones_own_are_known_beside_the_packaged_ones(tmp_path: Path) -> None:
    packaged_page = next(iter(sorted(ENTRIES.glob("gpu-memory-is-full.md")))).read_text("utf-8")
    own = packaged_page.replace(
        "[[signatures]]", "[[signatures]]\npattern = 'frobnicator gave up'\n\n[[signatures]]", 1
    )
    (tmp_path / "frobnicator.md").write_text(own, encoding="utf-8")
    found = diagnoser_with(tmp_path).diagnose(tuple(read_lines("the frobnicator gave up")))
    assert found.entry == "frobnicator"


def test_an_entry_of_ones_own_needs_a_name_of_its_own(tmp_path: Path) -> None:
    name = "gpu-memory-is-full.md"
    (tmp_path / name).write_text((ENTRIES / name).read_text("utf-8"), encoding="utf-8")
    with pytest.raises(UserError, match="packaged already"):
        diagnoser_with(tmp_path)


def test_a_folder_without_entries_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no entries"):
        diagnoser_with(tmp_path)
    with pytest.raises(UserError, match="absent cannot be read as a folder of entries: no such"):
        diagnoser_with(tmp_path / "absent")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(UserError, match="not a directory"):
        diagnoser_with(tmp_path / "file")


ENTRIES = Path(__file__).parents[2] / "src" / "firstmile" / "knowledge" / "entries"
