"""Issues that are kept for an evaluation from outside, and how a text is searched for them."""

import re

# The 14 published repositories under their published, earlier and later names, and three engines.
HELD_OUT = {
    "deepseek-ai/deepseek-coder",
    "deepseek-ai/deepseek-coder-v2",
    "deepseek-ai/deepseek-math",
    "deepseek-ai/deepseek-moe",
    "deepseek-ai/deepseek-r1",
    "deepseek-ai/deepseek-v2",
    "deepseek-ai/deepseek-v3",
    "facebookresearch/codellama",
    "facebookresearch/llama",
    "facebookresearch/llama3",
    "meta-llama/codellama",
    "meta-llama/llama",
    "meta-llama/llama3",
    "qwenlm/codeqwen1.5",
    "qwenlm/qwen",
    "qwenlm/qwen1.5",
    "qwenlm/qwen2",
    "qwenlm/qwen2.5",
    "qwenlm/qwen2.5-coder",
    "qwenlm/qwen2.5-math",
    "qwenlm/qwen2-math",
    "qwenlm/qwen3",
    "qwenlm/qwen3-coder",
    "ggerganov/llama.cpp",
    "ggml-org/llama.cpp",
    "sgl-project/sglang",
    "vllm-project/vllm",
}
"""Their even issue numbers may not be used in any form."""

ISSUE_URL = re.compile(r"github\.com/([\w.-]+/[\w.-]+)/(?:issues|pull|discussions)/(\d+)")
ISSUE_REFERENCE = re.compile(r"(?<![\w/.-])([\w.-]+/[\w.-]+)#(\d+)")


def held_out_and_even(text: str) -> list[str]:
    """Return the references in a text to even numbers of held-out repositories."""
    references = [*ISSUE_URL.findall(text), *ISSUE_REFERENCE.findall(text)]
    return [
        f"{repository}#{number}"
        for repository, number in references
        if repository.lower() in HELD_OUT and int(number) % 2 == 0
    ]
