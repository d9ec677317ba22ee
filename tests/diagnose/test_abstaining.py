"""How a text ends decides whether something failed; other programs' failures are not explained."""

import pytest

from firstmile import diagnose
from firstmile.diagnose.ending import Course, ends_badly
from firstmile.diagnose.hypotheses import EMPTY, NOTHING_FAILED, SEVERAL_CAUSES
from firstmile.diagnose.raised import find_raised
from firstmile.diagnose.reading import read_lines
from firstmile.diagnose.subject import is_about_models
from firstmile.diagnose.trending import goes_astray

TRACEBACK = (
    'Traceback (most recent call last):\n  File "train.py", line 3, in <module>\n    step()\n'
)
REPORT = TRACEBACK.replace("train.py", "sales.py")
OUT_OF_MEMORY = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.50 GiB.\n"
STEPS = "".join(f"step {number} loss {2 - number / 10}\n" for number in range(8))
DONE = "{'train_runtime': 90.5, 'train_loss': 1.4, 'epoch': 1.0}\n"


def course_of(text: str) -> Course:
    lines = tuple(read_lines(text))
    return Course(lines, find_raised(lines))


@pytest.mark.parametrize(
    "text",
    [
        "ERROR: No matching distribution found for vllm",
        "error: externally-managed-environment",
        "bash: nvidia-smi: command not found",
        "main: error: unable to load model",
        "failed to load model from ./qwen.gguf",
        "/src/ggml-cuda.cu:88: GGML_ASSERT(n_dims <= 4) failed",
        "Traceback (most recent call last):",
        "Warning  FailedScheduling  9s  0/4 nodes are available: 4 Insufficient nvidia.com/gpu.",
        "Normal   Killing  4m  kubelet  Container server failed liveness probe, will be restarted",
        "[TensorRT-LLM][ERROR] Assertion failed: Tensor parallelism 2 does not match the world",
        "onnxruntime.capi.onnxruntime_pybind11_state.Fail: [ONNXRuntimeError] : 1 : FAIL : no",
        "docker: permission denied while trying to connect to the Docker daemon socket at unix",
        "FAILED tests/test_gen.py::test_logits - Tensor-likes are not close!",
        "1 failed, 12 passed in 31.2s",
    ],
)
def test_an_error_that_nothing_raises_is_a_bad_end(text: str) -> None:
    (line,) = read_lines(text)
    assert ends_badly(line)
    assert course_of(text).fails


@pytest.mark.parametrize(
    "text",
    [
        "0 failed, 12 passed in 31.2s",
        "2026/11/28 10:11:12 recovered: panic: runtime error: index out of range [5]",
        "Jobs that still run on Monday at 8 will be killed.",
        "##[warning]The process '/usr/bin/git' failed with exit code 128",
        "100% tests passed, 0 tests failed out of 2",
    ],
)
def test_what_is_announced_counted_as_none_or_recovered_from_is_no_bad_end(text: str) -> None:
    (line,) = read_lines(text)
    assert not ends_badly(line)


@pytest.mark.parametrize(
    "after",
    [
        DONE,
        "Training completed.\n",
        "训练完成\n",
        "model saved to out/\n",
        "all ranks stopped, exit code 0\n",
        'INFO: 127.0.0.1:4 - "POST /v1/completions HTTP/1.1" 200 OK\n',
        STEPS,
    ],
)
def test_a_run_that_goes_on_to_a_good_end_did_not_fail(after: str) -> None:
    failing = TRACEBACK + OUT_OF_MEMORY
    assert course_of(failing).fails
    assert not course_of(failing + after).fails
    assert diagnose(failing + after).abstained == NOTHING_FAILED
    assert course_of(after + failing).fails
    assert diagnose(after + failing).abstained is None


@pytest.mark.parametrize(
    "after",
    [
        "step 9 loss 1.9\n",
        'INFO: 10.0.0.1:4 - "GET /health HTTP/1.1" 200 OK\n',
        "{'train_runtime': 90.5, 'train_loss': nan}\n",
        "[rank0]: " + "\n[rank0]: ".join(STEPS.splitlines()) + "\n",
        "Job finished at Monday\n",
        "Successfully installed accelerate-1.2.0\n",
        "Process 811 exits successfully.\nProcess 812 exits with return code = 1\n",
    ],
)
def test_what_shows_no_work_of_the_same_process_overcomes_nothing(after: str) -> None:
    failing = "[rank1]: " + "\n[rank1]: ".join((TRACEBACK + OUT_OF_MEMORY).splitlines()) + "\n"
    assert course_of(failing + after).fails


@pytest.mark.parametrize(
    "between",
    [
        "(base) me@host:~/p$ tail -2 ../old/train.log\n",
        "+ cat ../old/train.log\n",
        "--- the same with a smaller model, for comparison:\n",
        "换成小模型就正常：\n",
        "train.py exited with code 1\n",
        "systemd[1]: vllm.service: Main process exited, code=exited, status=1/FAILURE\n",
    ],
)
def test_the_good_end_of_another_program_overcomes_nothing(between: str) -> None:
    assert course_of(f"{TRACEBACK}{OUT_OF_MEMORY}{between}{STEPS}{DONE}").fails


def test_the_good_end_of_one_rank_says_nothing_of_another() -> None:
    failing = "".join(f"[rank3]: {line}\n" for line in (TRACEBACK + OUT_OF_MEMORY).splitlines())
    assert course_of(f"{failing}[rank0]: {DONE}").fails
    assert not course_of(f"{failing}[rank3]: {DONE}").fails


def test_answers_to_others_say_nothing_of_a_request_that_was_refused() -> None:
    refused = '"POST /v1/completions HTTP/1.1" 500 Internal Server Error\n' + TRACEBACK
    answered = '"POST /v1/completions HTTP/1.1" 200 OK\n'
    assert course_of(f"{refused}ValueError: too long\n{answered}").fails


def test_a_finalizer_that_breaks_at_exit_is_no_failure() -> None:
    ignored = "Exception ignored in: <function Pool.__del__ at 0x7f>\n" + TRACEBACK
    assert not course_of(f"{DONE}{ignored}TypeError: 'NoneType' object is not callable\n").fails


def test_the_good_end_of_one_file_says_nothing_of_another() -> None:
    failing = tuple(read_lines(TRACEBACK + OUT_OF_MEMORY, file="rank_3.log"))
    other = tuple(read_lines(STEPS + DONE, file="yesterday.log"))
    both = failing + other
    assert Course(both, find_raised(both)).fails
    own = failing + tuple(read_lines(STEPS + DONE, file="rank_3.log"))
    assert not Course(own, find_raised(own)).fails


def test_an_installer_that_warns_and_installs_did_not_fail() -> None:
    warning = "ERROR: pip's dependency resolver does not take into account all packages.\n"
    assert course_of(warning).fails
    assert not course_of(f"{warning}Successfully installed peft-0.14.0\n").fails


def test_words_that_are_passed_on_are_no_failure_of_the_one_who_passes_them() -> None:
    request = f"Received request c-1: prompt: 'I see {OUT_OF_MEMORY.strip()}', params: None"
    assert diagnose(request).abstained == NOTHING_FAILED


def test_a_loss_that_grows_and_a_rate_of_zero_are_failures() -> None:
    def logged(*losses: float, rate: float = 1e-5) -> bool:
        text = "\n".join(f"{{'loss': {loss}, 'learning_rate': {rate}}}" for loss in losses)
        return goes_astray(tuple(read_lines(text)))

    assert logged(1.4, 3.9, 9.1, 11.7)
    assert logged(2.3, 2.2, 2.3, rate=0.0)
    assert logged(1.2, float("nan"), float("nan"), float("nan"))
    assert not logged(2.4, 9.0, 2.1, 1.9, 1.8)
    assert not logged(0.0, 0.001, 0.003, 0.002)
    assert not logged(1.4, 3.9)
    assert not logged()


@pytest.mark.parametrize(
    "text",
    [
        "My bread does not rise in this oven, what is wrong? I took the same yeast again.",
        "我的洗衣机不能脱水，重新启动以后还是不行，请问怎么办？",
        "error: failed to push some refs to 'github.com:me/notes.git'\nhint: see above",
        f"{REPORT}FileNotFoundError: [Errno 2] No such file or directory: 'orders.csv'",
        f"{REPORT}ZeroDivisionError: division by zero",
        f"{REPORT}KeyError: 'custmer'",
        "LOG:  server process (PID 812) was terminated by signal 9: Killed",
        "list.c:40:9: error: expected ';' before 'return'",
        'Exception in thread "main" java.lang.IllegalStateException: closed',
        "E: Unable to locate package htopp",
    ],
)
def test_what_is_not_about_models_is_not_explained(text: str) -> None:
    assert not is_about_models(tuple(read_lines(text)))
    assert diagnose(text).abstained == SEVERAL_CAUSES


def test_an_error_of_which_nothing_else_is_known_is_not_answered() -> None:
    assert diagnose("Error: something broke").abstained == SEVERAL_CAUSES
    assert diagnose("").abstained == diagnose(" \n").abstained == EMPTY


IGNORED = (
    "/env/trl/trainer/utils.py:142: UserWarning: Could not find response key `### Answer:` in the "
    "following instance: ### Question: Name a river\nYes. This instance will be ignored in loss "
    "calculation. Note, if this happens often, consider increasing the `max_seq_length`.\n"
)


def test_a_warning_decides_nothing_in_a_run_that_goes_on_to_a_good_end() -> None:
    assert diagnose(IGNORED + STEPS + DONE).abstained == NOTHING_FAILED
    assert diagnose(IGNORED).entry == "response-template-is-not-found-in-the-tokens"
    failing = IGNORED + "{'loss': 0.0, 'grad_norm': nan, 'learning_rate': 1e-5}\n" * 3
    assert diagnose(failing).abstained is None
    complaint = "My model learns nothing although the data is fine. Why?\n\n"
    assert diagnose(complaint + IGNORED + STEPS + DONE).abstained is None
