"""The parsers that engines have for tool calls and for thinking, and the marks they look for.

Names as vLLM (`tool_parsers`, `reasoning`) and SGLang (`FunctionCallParser`, `ReasoningParser`)
register them in their sources of autumn 2026; older releases know fewer, some of them more.
"""

from collections.abc import Mapping
from typing import Final

TOOL_MARKS: Final[Mapping[str, str]] = {
    "hermes": "<tool_call>",
    "qwen": "<tool_call>",
    "qwen25": "<tool_call>",
    "qwen3_coder": "<function=",
    "qwen3_xml": "<function=",
    "mistral": "[TOOL_CALLS]",
    "deepseek_v3": "<｜tool▁calls▁begin｜>",
    "deepseek_v31": "<｜tool▁calls▁begin｜>",
    "deepseekv3": "<｜tool▁calls▁begin｜>",
    "deepseekv31": "<｜tool▁calls▁begin｜>",
    "glm45": "<arg_key>",
    "glm47": "<arg_key>",
    "glm": "<arg_key>",
    "kimi_k2": "<|tool_calls_section_begin|>",
    "minimax_m2": "<minimax:tool_call>",
    "minimax-m2": "<minimax:tool_call>",
    "openai": "<|channel|>",
    "gpt-oss": "<|channel|>",
}
"""What a parser of tool calls looks for; those that read plain JSON or Python are left out."""

STRICTER: Final = ("<function=", "<arg_key>", "<minimax:tool_call>")
"""Marks whose templates may hold <tool_call> as well: there they decide."""

THINKING_MARKS: Final[Mapping[str, str]] = {
    "deepseek_r1": "</think>",
    "deepseek-r1": "</think>",
    "qwen3": "</think>",
    "qwen3-thinking": "</think>",
    "glm45": "</think>",
    "mistral": "[/THINK]",
    "openai_gptoss": "<|channel|>",
    "gpt-oss": "<|channel|>",
}
"""What a parser of thinking looks for."""

NEEDS_TOKEN: Final = ("deepseek_r1", "qwen3", "glm45")
"""Parsers of vLLM that stop where the vocabulary has no token for the end of thinking."""

TOOL_PARSERS: Final[Mapping[str, frozenset[str]]] = {
    "vllm": frozenset(
        (
            "deepseek_v3",
            "deepseek_v31",
            "deepseek_v32",
            "deepseek_v4",
            "cohere_command3",
            "cohere_command4",
            "ernie45",
            "glm45",
            "glm47",
            "granite-20b-fc",
            "granite",
            "granite4",
            "hermes",
            "poolside_v1",
            "hunyuan_a13b",
            "hy_v3",
            "internlm",
            "jamba",
            "lfm2",
            "kimi_k2",
            "kimi_k3",
            "llama3_json",
            "llama4_json",
            "llama4_pythonic",
            "longcat",
            "mimo",
            "minimax",
            "minimax_m2",
            "minimax_m3",
            "minicpm5",
            "mistral",
            "olmo3",
            "openai",
            "phi4_mini_json",
            "pythonic",
            "qwen3_coder",
            "qwen3_xml",
            "seed_oss",
            "step3",
            "step3p5",
            "inkling",
            "xlam",
            "gigachat3",
            "functiongemma",
            "gemma4",
            "apertus",
            "solar_open2",
        )
    ),
    "sglang": frozenset(
        (
            "apertus2509",
            "cohere_command4",
            "deepseekv3",
            "deepseekv31",
            "deepseekv32",
            "deepseekv4",
            "dots",
            "glm",
            "glm45",
            "glm47",
            "gpt-oss",
            "k2_horizon",
            "kimi_k2",
            "kimi_k3",
            "lfm2",
            "ling3",
            "llama3",
            "mimo",
            "minicpm5",
            "mistral",
            "muse",
            "poolside_v1",
            "pythonic",
            "qwen",
            "qwen25",
            "qwen3_coder",
            "spark25",
            "step3",
            "step3p5",
            "minimax-m2",
            "minimax-m3",
            "trinity",
            "interns1",
            "hermes",
            "hunyuan",
            "gigachat3",
            "gigachat35",
            "gemma4",
            "inkling",
        )
    ),
}

THINKING_PARSERS: Final[Mapping[str, frozenset[str]]] = {
    "vllm": frozenset(
        (
            "deepseek_r1",
            "deepseek_v3",
            "deepseek_v4",
            "poolside_v1",
            "cohere_command3",
            "cohere_command4",
            "ernie45",
            "gemma4",
            "glm45",
            "glm47",
            "openai_gptoss",
            "granite",
            "holo2",
            "hunyuan_a13b",
            "hy_v3",
            "kimi_k2",
            "kimi_k3",
            "mimo",
            "minimax_m2",
            "minimax_m2_append_think",
            "minimax_m3",
            "mistral",
            "nemotron_v3",
            "olmo3",
            "qwen3",
            "seed_oss",
            "step3",
            "step3p5",
            "inkling",
            "solar_open2",
        )
    ),
    "sglang": frozenset(
        (
            "apertus2509",
            "deepseek-r1",
            "deepseek-v3",
            "deepseek-v4",
            "glm45",
            "hunyuan",
            "gpt-oss",
            "kimi",
            "kimi_k2",
            "kimi_k3",
            "mimo",
            "poolside_v1",
            "qwen3",
            "qwen3-thinking",
            "minimax",
            "minimax-append-think",
            "minimax-m3",
            "step3",
            "step3p5",
            "mistral",
            "nemotron_3",
            "interns1",
            "gemma4",
            "inkling",
            "cohere_command4",
            "telechat4",
        )
    ),
}

OTHER_NAMES: Final[Mapping[str, str]] = {
    "qwen25": "hermes",
    "qwen": "hermes",
    "gpt-oss": "openai",
    "llama3": "llama3_json",
    "llama3_json": "llama3",
    "openai": "gpt-oss",
    "openai_gptoss": "gpt-oss",
}
"""What the other engine calls a parser, where folding the name does not show it."""


def right_name(name: str, known: frozenset[str], elsewhere: frozenset[str]) -> str | None:
    """Return the engine's own name for a parser that it does not have under this one.

    None where the name is simply not known here: it may come from a newer release or a plugin.
    """
    folded = _folded(name)
    for each in sorted(known):
        if _folded(each) == folded:
            return each
    other = OTHER_NAMES.get(name)
    return other if name in elsewhere and other in known else None


def _folded(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")
