"""What ended a run is told apart from what it got over, and from what followed from it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.diagnose.first_failure import find_following, find_overcome
from firstmile.diagnose.hypotheses import Diagnosis, plain
from firstmile.diagnose.judging import diagnose_text, packaged
from firstmile.diagnose.raised import find_raised
from firstmile.diagnose.reading import read_lines
from firstmile.taxonomy import Axis

WATCHDOG = """\
[rank0]:[E1112 03:44:51.822138214 ProcessGroupNCCL.cpp:616] [Rank 0] Watchdog caught collective \
operation timeout: WorkNCCL(SeqNum=412, OpType=ALLREDUCE) ran for 600010 milliseconds before \
timing out.
[rank0]: terminate called after throwing an instance of 'c10::DistBackendError'
"""
OWN = """\
[rank3]: Traceback (most recent call last):
[rank3]:   File "/w/train.py", line 61, in <module>
[rank3]:     loss = criterion(out, batch["label"])
[rank3]: KeyError: 'label'
"""
TORCHRUN = """\
torch.distributed.elastic.multiprocessing.errors.ChildFailedError:
Root Cause (first observed failure):
[0]:
  rank      : 3 (local_rank: 3)
  exitcode  : 1 (pid: 143)
"""
ENGINE = """\
(EngineCore_0 pid=1) Traceback (most recent call last):
(EngineCore_0 pid=1)   File "/opt/vllm/weight_utils.py", line 900, in default_weight_loader
(EngineCore_0 pid=1) AssertionError: Attempted to load weight (torch.Size([1024, 2048])) into \
parameter (torch.Size([1024, 4096]))
(APIServer pid=9) RuntimeError: Engine core initialization failed. See root cause above.
"""
CAUGHT = """\
Traceback (most recent call last):
  File "/w/try.py", line 5, in <module>
    import xformers
ModuleNotFoundError: No module named 'xformers'
xformers not available, using SDPA
{'loss': 2.1, 'epoch': 0.1}
{'loss': 2.0, 'epoch': 0.2}
"""
LAST = """\
Traceback (most recent call last):
  File "/w/train.py", line 200, in <module>
    trainer.train()
RuntimeError: stack expects each tensor to be equal size, but got [381] at entry 0
"""
RETRIED = """\
OOM at batch 64, retrying with 32: torch.OutOfMemoryError: CUDA out of memory. Tried to allocate \
2.32 GiB. GPU 0 has a total capacity of 79.10 GiB of which 1.02 GiB is free.
{'loss': 1.7, 'epoch': 1.0}
Traceback (most recent call last):
  File "/w/train.py", line 210, in <module>
    model.save_pretrained("/out/final")
OSError: [Errno 30] Read-only file system: '/out/final'
"""


def proof(found: Diagnosis) -> str:
    return "\n".join(one.text for one in found.evidence)


def followed(found: Diagnosis) -> list[str]:
    return [one.id for one in found.known if one.is_consequence and not one.decides]


@pytest.mark.parametrize(
    "text",
    [OWN + WATCHDOG, WATCHDOG + OWN, OWN + WATCHDOG + TORCHRUN, OWN.replace("[rank3]: ", "3: ")],
    ids=["before", "after", "named by torchrun", "labelled by srun"],
)
def test_an_exception_of_its_own_stands_before_the_watchdog_of_others(text: str) -> None:
    text = text if "ProcessGroup" in text else text + WATCHDOG.replace("[rank0]:", "0: [rank0]:")
    found = diagnose_text(text)
    assert found.entry is None
    assert found.remedies == ()
    assert "nccl-watchdog-ended-a-collective-that-timed-out" in followed(found)
    assert found.leaves[Axis.SYMPTOM][0].code != "crash/cuda/communication"
    assert "KeyError: 'label'" in proof(found)
    assert "Watchdog" not in proof(found)


def test_the_rank_that_torchrun_names_is_the_one_whose_exception_is_cited() -> None:
    other = OWN.replace("rank3", "rank1").replace("'label'", "'image'")
    found = diagnose_text(other + OWN + WATCHDOG + TORCHRUN)
    assert [one.text for one in found.evidence if "KeyError" in one.text] == [
        "[rank3]: KeyError: 'label'"
    ]


def test_without_an_exception_of_its_own_the_consequence_is_what_is_known() -> None:
    found = diagnose_text(WATCHDOG + TORCHRUN)
    assert found.entry == "nccl-watchdog-ended-a-collective-that-timed-out"
    assert found.remedies


def test_an_exception_that_tells_of_others_is_no_first_cause() -> None:
    broken = OWN.replace("KeyError: 'label'", "BrokenPipeError: [Errno 32] Broken pipe")
    assert diagnose_text(broken + WATCHDOG).entry is not None


@pytest.mark.parametrize(
    "headline", ["", "(EngineCore_0 pid=1) ERROR 11-11 10:00:00 EngineCore failed to start.\n"]
)
def test_what_the_engine_failed_by_stands_before_its_failed_start(headline: str) -> None:
    found = diagnose_text(headline + ENGINE)
    assert found.entry is None
    assert followed(found) == ["vllm-engine-process-ended-during-the-start"]
    assert "AssertionError: Attempted to load weight" in proof(found)
    assert "Engine core" not in proof(found)


def test_a_caught_error_does_not_beat_the_last_one() -> None:
    found = diagnose_text(CAUGHT + LAST)
    assert found.leaves[Axis.SYMPTOM][0].code == "crash/value/shape-error"
    assert found.entry is None
    assert "stack expects each tensor" in proof(found)
    assert "xformers" not in proof(found)


def test_a_retried_error_within_a_line_does_not_beat_the_last_one() -> None:
    found = diagnose_text(RETRIED)
    assert found.leaves[Axis.SYMPTOM][0].code != "crash/cuda/out-of-memory"
    assert found.entry is None
    assert "Read-only file system" in proof(found)
    assert found.leaves[Axis.STAGE][0].code == "fine-tuning"


def test_an_error_that_the_last_one_speaks_of_was_not_overcome() -> None:
    missed = LAST.replace("stack expects", "'xformers' is needed: stack expects")
    found = diagnose_text(CAUGHT + missed)
    assert found.entry == "a-python-module-is-not-installed"


def test_an_error_is_not_overcome_by_the_work_of_others() -> None:
    text = (
        OWN.replace("KeyError: 'label'", "torch.OutOfMemoryError: CUDA out of memory. Tried to")
        + "[rank0]: {'loss': 1.7, 'epoch': 1.0}\n"
        + LAST.replace("\n", "\n[rank0]: ").removesuffix("[rank0]: ").replace("Tra", "[rank0]: Tra")
    )
    assert diagnose_text(text).leaves[Axis.SYMPTOM][0].code == "crash/cuda/out-of-memory"


@pytest.mark.parametrize("text", [OWN + WATCHDOG + TORCHRUN, ENGINE, CAUGHT + LAST, RETRIED])
def test_in_a_batch_the_first_failure_is_the_same(text: str) -> None:
    lines = tuple(read_lines(text))
    assert plain(packaged(in_bulk=True).diagnose(lines)) == plain(packaged().diagnose(lines))


def test_work_done_before_is_no_sign_of_what_failed() -> None:
    steps = "".join(f"2025-01-01 10:00:00 INFO step {step} loss 0.5\n" for step in range(50))
    found = diagnose_text(steps + OWN + WATCHDOG)
    assert found.leaves[Axis.SYMPTOM][0].code == "crash/value/other"
    assert [one.text for one in found.evidence] == ["[rank3]: KeyError: 'label'"]


def test_what_tells_the_stage_alone_is_no_proof_of_a_failure() -> None:
    text = """\
Traceback (most recent call last):
  File "/w/lib/peft/tuners/tuners_utils.py", line 557, in inject_adapter
    raise ValueError(error_msg)
ValueError: Target modules {'query_key_value'} not found in the base model. Please check
"""
    found = diagnose_text(text)
    assert {one.record for one in found.evidence} == {4}
    assert found.classes[Axis.STAGE][0].evidence


@pytest.mark.parametrize(
    "told",
    [
        "[2024-05-01 10:00:00,100] [ERROR] [launch.py:322:sigkill_handler] ['python', 'train.py'] "
        "exits with return code = 1\n",
        "subprocess.CalledProcessError: Command '['python', 'train.py']' returned non-zero exit "
        "status 1.\n",
        "[rank0]: torch.distributed.DistNetworkError: Failed to recv, got 0 bytes.\n",
    ],
    ids=["deepspeed", "accelerate", "store"],
)
@pytest.mark.parametrize("label", ["[rank3]: ", ""], ids=["ranks told apart", "mixed"])
def test_launchers_that_tell_of_an_end_tell_of_no_failure_of_their_own(
    label: str, told: str
) -> None:
    found = diagnose_text(OWN.replace("[rank3]: ", label) + told)
    assert found.leaves[Axis.SYMPTOM][0].code == "crash/value/other"
    assert [one.text for one in found.evidence] == [f"{label}KeyError: 'label'"]


PIECES = [*OWN.split("\n"), *WATCHDOG.split("\n"), *CAUGHT.split("\n"), *TORCHRUN.split("\n"), "x"]


@given(st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from([None, "a", "b"]))))
def test_what_is_cited_is_never_what_was_set_apart(pieces: list[tuple[str, str | None]]) -> None:
    lines = [replace(line, file=file) for text, file in pieces for line in read_lines(f"{text}\n")]
    raised = find_raised(lines)
    overcome = find_overcome(lines, raised)
    found = find_following(lines, raised, (), overcome)
    for one in overcome, found:
        assert (one.overcome | one.following | set(one.named)) <= set(range(len(lines)))
        assert (one.overcome | one.following).isdisjoint(one.named)
