"""Whether what was read is the published set itself: by what it holds, not by its layout."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from firstmile.study.failures import Failures

RECORDS: Final[Mapping[str, int]] = {
    "QwenLM/Qwen": 208,
    "QwenLM/Qwen2.5": 212,
    "QwenLM/Qwen2.5-Coder": 27,
    "QwenLM/Qwen2.5-Math": 2,
    "deepseek-ai/DeepSeek-Coder": 24,
    "deepseek-ai/DeepSeek-Coder-V2": 7,
    "deepseek-ai/DeepSeek-Math": 1,
    "deepseek-ai/DeepSeek-MoE": 5,
    "deepseek-ai/DeepSeek-R1": 24,
    "deepseek-ai/DeepSeek-V2": 5,
    "deepseek-ai/DeepSeek-V3": 20,
    "meta-llama/codellama": 29,
    "meta-llama/llama": 107,
    "meta-llama/llama3": 35,
}
"""The records of each repository in Open-LLM-Failures, as of 2025-05-30."""


def is_published_set(failures: Failures) -> bool:
    """Whether failures are of the published repositories, of each as many as were published."""
    column = failures.column("repository")
    if column is None or len(failures) != sum(RECORDS.values()):
        return False
    numbers = np.bincount(column.codes[column.codes >= 0], minlength=len(column.categories))
    return dict(zip(column.categories, numbers.tolist(), strict=True)) == RECORDS
