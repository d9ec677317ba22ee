"""When something failed is told by what the program was doing, where an error does not."""

import pytest

from firstmile.diagnose.judging import diagnose_text
from firstmile.taxonomy import Axis

LIBRARIES = "/usr/local/lib/python3.10/dist-packages/"
ADVICE = (
    "Including non-PyTorch memory, this process has 78.00 GiB memory in use. Of the allocated "
    "memory 75.20 GiB is allocated by PyTorch, and 1.20 GiB is reserved by PyTorch but "
    "unallocated. If reserved but unallocated memory is large try setting "
    "PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True to avoid fragmentation.  See documentation "
    "for Memory Management  (https://pytorch.org/docs/stable/notes/cuda.html#environment-variables)"
)
ERRORS = (
    "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total "
    f"capacity of 79.15 GiB of which 1.10 GiB is free. {ADVICE}",
    "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB (GPU 0; 23.69 "
    "GiB total capacity; 22.81 GiB already allocated; 6.69 MiB free; 22.99 GiB reserved in total "
    "by PyTorch) If reserved memory is >> allocated memory try setting max_split_size_mb to avoid "
    "fragmentation.  See documentation for Memory Management and PYTORCH_CUDA_ALLOC_CONF",
)
TRAINING = (
    ("transformers/trainer.py", "train", "return inner_training_loop("),
    ("transformers/trainer.py", "training_step", "self.accelerator.backward(loss, **kwargs)"),
    ("trl/trainer/sft_trainer.py", "compute_loss", "(loss, outputs) = super().compute_loss("),
    ("torch/optim/adamw.py", "step", "adamw("),
    ("torch/autograd/graph.py", "_engine_run_backward", "return Variable._execution_engine.run("),
    ("torch/utils/checkpoint.py", "checkpoint", "ret = function(*args, **kwargs)"),
    ("accelerate/accelerator.py", "backward", "loss.backward(**kwargs)"),
    ("deepspeed/runtime/engine.py", "_take_model_step", "self.optimizer.step()"),
    ("deepspeed/runtime/zero/stage3.py", "__init__", "self._create_fp32_partitions()"),
    ("torch/distributed/fsdp/_flat_param.py", "_alloc", "unsharded = torch.empty("),
    ("torch/nn/parallel/distributed.py", "__init__", "self._ddp_init_helper("),
    ("lightning/pytorch/loops/optimization/automatic.py", "_training_step", "output = call("),
)
ANSWERING = (
    ("transformers/generation/utils.py", "generate", "result = self._sample("),
    ("transformers/pipelines/text_generation.py", "_forward", "output = self.model.generate("),
    ("vllm/v1/worker/gpu_model_runner.py", "profile_run", "hidden_states = self._dummy_run("),
    ("sglang/srt/managers/scheduler.py", "run_scheduler_process", "scheduler = Scheduler("),
    ("peft/peft_model.py", "generate", "outputs = self.base_model.generate(*args, **kwargs)"),
)


def stage_of(frame: tuple[str, str, str], error: str, prefix: str) -> str:
    file, function, line = frame
    text = (
        "Traceback (most recent call last):\n"
        '  File "/workspace/main.py", line 88, in <module>\n    main()\n'
        f'  File "{LIBRARIES}{file}", line 1240, in {function}\n    {line}\n{error}\n'
    )
    lines = (prefix + each for each in text.splitlines())
    return diagnose_text("\n".join(lines)).classes[Axis.STAGE][0].code


@pytest.mark.parametrize("prefix", ["", "[rank1]: "])
@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("frame", TRAINING, ids=lambda frame: frame[0])
def test_memory_that_runs_out_in_a_training_step_runs_out_in_fine_tuning(
    frame: tuple[str, str, str], error: str, prefix: str
) -> None:
    assert stage_of(frame, error, prefix) == "fine-tuning"


@pytest.mark.parametrize("prefix", ["", "[rank1]: "])
@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("frame", ANSWERING, ids=lambda frame: frame[0])
def test_memory_that_runs_out_while_a_model_answers_runs_out_in_inference(
    frame: tuple[str, str, str], error: str, prefix: str
) -> None:
    assert stage_of(frame, error, prefix) == "inference"
