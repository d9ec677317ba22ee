"""What to do is told of the failure that is met, not of what is general beside it or came after."""

from firstmile.diagnose.judging import diagnose_text

OPTIMIZER = """\
Traceback (most recent call last):
  File "/opt/env/lib/python3.11/site-packages/torch/optim/adamw.py", line 188, in _init_group
    state["exp_avg"] = torch.zeros_like(
torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 224.00 MiB.
"""
WATCHDOG = """\
[rank3]:[E1103 12:44:02 ProcessGroupNCCL.cpp:616] [Rank 3] Watchdog caught collective operation \
timeout: WorkNCCL(SeqNum=1841, OpType=ALLREDUCE, Timeout(ms)=600000) ran for 600043 milliseconds \
before timing out.
torch.distributed.elastic.multiprocessing.errors.ChildFailedError:
"""


def remedies(text: str) -> list[str]:
    return [one.entry for one in diagnose_text(text).remedies]


def test_a_general_entry_is_not_told_beside_the_one_that_explains_the_same_line() -> None:
    assert remedies(OPTIMIZER) == ["optimizer-state-does-not-fit-on-the-gpu"]
    alone = OPTIMIZER.splitlines()[-1]
    assert remedies(alone) == ["gpu-memory-is-full"]
    met = [one.id for one in diagnose_text(OPTIMIZER).known]
    assert "gpu-memory-is-full" in met


def test_what_follows_from_another_consequence_is_no_failure_of_its_own() -> None:
    assert remedies(WATCHDOG) == ["nccl-watchdog-ended-a-collective-that-timed-out"]
    last = WATCHDOG.splitlines()[-1]
    assert remedies(last) == ["one-worker-failed-and-torchrun-ended-the-others"]


def test_an_empty_input_is_asked_for_its_output_alone() -> None:
    (asked,) = diagnose_text("\n").questions
    assert asked.command == "firstmile run -- YOUR COMMAND"


def test_a_crash_is_not_looked_into_where_nothing_failed() -> None:
    asked = [one.command for one in diagnose_text("hi\n").questions]
    assert asked[0] == "firstmile run -- YOUR COMMAND"
    assert asked[-1] == "firstmile facts"
    assert not any("CUDA_LAUNCH_BLOCKING" in one or "dmesg" in one for one in asked)


def test_a_module_that_is_missing_has_a_remedy_unless_a_particular_one_knows_it() -> None:
    missing = "ModuleNotFoundError: No module named '{}'\n"
    for name in ("vllm", "cv2", "torch_nope"):
        assert remedies(missing.format(name)) == ["a-python-module-is-not-installed"]
    assert remedies("/usr/bin/python3: No module named vllm\n") == [
        "a-python-module-is-not-installed"
    ]
    for name in ("torch", "tiktoken", "accelerate", "huggingface_hub.utils._token"):
        assert "a-python-module-is-not-installed" not in remedies(missing.format(name))
