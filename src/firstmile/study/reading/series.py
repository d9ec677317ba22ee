"""Which model series a failure belongs to, derived where the source does not say."""

from typing import Final

SERIES: Final = ("DeepSeek", "Llama", "Qwen")
"""Names of the series; a model or folder belongs to the one whose name it holds."""

_REPOSITORIES: Final = {
    "DeepSeek": "deepseek-ai/DeepSeek-Coder deepseek-ai/DeepSeek-Coder-V2 "
    "deepseek-ai/DeepSeek-Math deepseek-ai/DeepSeek-MoE deepseek-ai/DeepSeek-R1 "
    "deepseek-ai/DeepSeek-V2 deepseek-ai/DeepSeek-V3",
    "Llama": "meta-llama/codellama meta-llama/llama meta-llama/llama3 facebookresearch/codellama "
    "facebookresearch/llama",
    "Qwen": "QwenLM/Qwen QwenLM/Qwen2.5 QwenLM/Qwen2.5-Coder QwenLM/Qwen2.5-Math QwenLM/Qwen3 "
    "QwenLM/Qwen3-Coder",
}
"""The repositories of the published set, which are models' own, under all names they had."""

_SERIES_OF: Final = {
    name.casefold(): series for series, names in _REPOSITORIES.items() for name in names.split()
}


def series_of(*texts: str | None) -> str | None:
    """Return the series named by the first text that names exactly one, or None."""
    for text in texts:
        folded = (text or "").casefold()
        named = [series for series in SERIES if series.casefold() in folded]
        if len(named) == 1:
            return named[0]
    return None


def series_of_repository(name: str | None) -> str | None:
    """Return the series of one of the models' own repositories, None for any other.

    What else has a series in its name, such as an engine, runs models of every series.
    """
    return _SERIES_OF.get((name or "").casefold())
