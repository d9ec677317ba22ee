"""A few words, as people type them who have no message at hand, find the entry that they mean."""

from collections import Counter

import pytest

from firstmile.knowledge import load_entries
from firstmile.knowledge.asked_for import entries_asked_for

ENTRIES = load_entries()

TYPED = {
    "No module named 'flash_attn'": "flash-attention-is-asked-for-but-not-installed",
    "ModuleNotFoundError: No module named 'bitsandbytes'": (
        "bitsandbytes-or-accelerate-is-missing-for-quantized-loading"
    ),
    "flash-attn undefined symbol": "flash-attention-was-built-for-another-torch",
    "NCCL timeout": "nccl-watchdog-ended-a-collective-that-timed-out",
    "nccl watchdog timeout": "nccl-watchdog-ended-a-collective-that-timed-out",
    "NaN loss": "training-loss-is-nan-from-the-start",
    "my loss is nan": "training-loss-is-nan-from-the-start",
    "loss为nan": "training-loss-is-nan-from-the-start",
    "loss is 0": "training-loss-is-zero-because-no-token-has-a-label",
    "loss 0.0": "training-loss-is-zero-because-no-token-has-a-label",
    "loss 0 and grad_norm nan": "training-loss-is-zero-with-nan-gradients-in-half-precision",
    "grad_norm is nan": "training-loss-is-zero-with-nan-gradients-in-half-precision",
    "the loss is not decreasing": "loss-does-not-fall-in-fine-tuning",
    "CUDA out of memory": "gpu-memory-is-full",
    "CUDA OOM": "gpu-memory-is-full",
    "out of VRAM": "gpu-memory-is-full",
    "爆显存": "gpu-memory-is-full",
    "out of memory while fine-tuning": "training-step-runs-out-of-gpu-memory",
    "how to fix CUDA out of memory when fine-tuning": "training-step-runs-out-of-gpu-memory",
    "killed": "process-was-killed-for-lack-of-main-memory",
    "exit code 137": "process-was-killed-for-lack-of-main-memory",
    "OOM killer": "process-was-killed-for-lack-of-main-memory",
    "gibberish output": "quantized-weights-give-garbage",
    "model outputs nonsense": "quantized-weights-give-garbage",
    "输出乱码": "quantized-weights-give-garbage",
    "endless generation": "chat-goes-on-as-the-user-because-the-end-token-is-not-met",
    "the model never stops generating": (
        "chat-goes-on-as-the-user-because-the-end-token-is-not-met"
    ),
    "fine-tuned model never stops": "tuned-model-never-writes-its-end-token",
    "model keeps repeating itself": "answer-falls-into-a-loop",
    "output is cut off": "answer-breaks-off-at-the-length-limit",
    "empty response": "first-token-ends-the-answer",
    "tokenizer mismatch": "vocabulary-of-checkpoint-and-model-differ",
    "vocab size mismatch": "vocabulary-of-checkpoint-and-model-differ",
    "chat template missing": "chat-template-is-not-set",
    "401 gated": "access-to-a-gated-repository-is-missing",
    "gated repo": "access-to-a-gated-repository-is-missing",
    "403 forbidden huggingface": "access-to-a-gated-repository-is-missing",
    "404 client error": "repository-name-does-not-exist",
    "ssl error": "certificate-of-the-proxy-is-not-trusted",
    "can't connect to huggingface": "hub-cannot-be-reached-and-nothing-is-cached",
    "download is stuck": "download-from-the-hub-stands-still-near-its-end",
    "disk full": "disk-is-full-while-files-are-written",
    "No space left on device": "disk-is-full-while-files-are-written",
    "bus error shm": "data-workers-die-of-bus-errors-in-shared-memory",
    "no GPU found": "no-gpu-is-visible-to-the-process",
    "CUDA is not available": "no-gpu-is-visible-to-the-process",
    "Torch not compiled with CUDA enabled": "torch-was-installed-without-cuda",
    "CUDA driver version is insufficient": "nvidia-driver-is-too-old-for-this-cuda-build",
    "no kernel image is available": "torch-build-has-no-code-for-this-gpu",
    "RTX 5090 not supported by torch": "torch-build-has-no-code-for-this-gpu",
    "illegal memory access": "illegal-memory-access-in-a-gpu-kernel",
    "device-side assert triggered": "token-id-is-outside-the-embedding-on-the-gpu",
    "tensors on different devices": "inputs-were-left-on-the-cpu",
    "model type not recognized": "model-type-is-newer-than-transformers",
    "model architecture not supported": "engine-does-not-know-the-model-architecture",
    "pad token missing": "tokenizer-has-no-padding-token",
    "lora has no effect": "tuned-model-answers-like-the-base-model",
    "port already in use": "server-port-is-already-in-use",
    "training is stuck at step 0": "training-on-several-gpus-never-makes-its-first-step",
    "slow inference": "layers-were-offloaded-because-the-gpu-is-too-small",
    "ollama not using GPU": "ollama-runs-on-the-cpu-instead-of-the-gpu",
    "llama.cpp does not use the GPU": "llama-cpp-was-built-without-gpu-support",
    "safetensors header too large": "safetensors-file-is-a-pointer-or-not-a-safetensors-file",
    "vllm hangs": "vllm-workers-wait-for-one-that-does-not-answer",
    "context length exceeded": "prompt-is-longer-than-the-server-allows",
    "tool calls not working": "tool-calls-come-as-plain-text",
    "catastrophic forgetting": "tuned-model-forgets-what-it-could-do",
    "MPS out of memory": "mac-memory-for-mps-is-used-up",
    "paging file is too small": "windows-paging-file-is-too-small",
    "nvcc not found": "cuda-compiler-is-missing",
    "torchrun failed": "one-worker-failed-and-torchrun-ended-the-others",
    "invalid device ordinal": "more-processes-than-gpus",
}


@pytest.mark.parametrize(("words", "entry"), TYPED.items())
def test_what_people_type_finds_the_entry_first(words: str, entry: str) -> None:
    assert entries_asked_for(words, ENTRIES)[0].entry.id == entry


@pytest.mark.parametrize(
    "words",
    [
        "",
        "?",
        "a b",
        "hello world",
        "all is well with this run",
        "the cat sat on the mat",
        "!" * 999,
    ],
)
def test_words_that_mean_no_failure_find_none(words: str) -> None:
    assert entries_asked_for(words, ENTRIES) == []


def test_no_words_are_said_by_two_entries_and_each_finds_its_own() -> None:
    said = Counter(words.casefold() for entry in ENTRIES for words in entry.asked)
    assert max(said.values()) == 1
    for entry in ENTRIES:
        for words in entry.asked:
            assert entries_asked_for(words, ENTRIES)[0].entry is entry, words
