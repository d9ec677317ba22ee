"""What codes and dimensions are called in sentences and tables."""

from typing import Final

from firstmile.taxonomy import load_taxonomy

_DIMENSIONS: Final = {
    "symptom": ("symptom", "symptoms"),
    "symptom_leaf": ("symptom (finest level)", "symptoms (finest level)"),
    "cause": ("root cause", "root causes"),
    "cause_leaf": ("root cause (finest level)", "root causes (finest level)"),
    "stage": ("stage", "stages"),
    "series": ("series", "series"),
    "version": ("version", "versions"),
    "repository": ("repository", "repositories"),
    "architecture": ("architecture", "architectures"),
    "status": ("status", "statuses"),
    "period": ("quarter", "quarters"),
    "source": ("source", "sources"),
}


_SHORT: Final = {
    "api": "API",
    "incorrect": "Incorrect functionality",
    "loading": "Loading failure",
    "slow": "Poor performance",
}


def dimension_name(dimension: str, *, plural: bool = False) -> str:
    """Return a dimension's name for prose."""
    return _DIMENSIONS[dimension][plural]


def name_of(dimension: str, code: str) -> str:
    """Return a code's published name, or the code itself where the codebook has none.

    A leaf named like another (an "Other ...") keeps its parent: the last two parts of the label.
    """
    if dimension in ("symptom", "symptom_leaf", "cause", "cause_leaf", "stage"):
        term = load_taxonomy().by_code.get(code)
        if term is not None:
            return term.name
    return code


def full_name(code: str) -> str:
    """Return a term's whole published label, or the code where the codebook has none."""
    term = load_taxonomy().by_code.get(code)
    return code if term is None else term.label


def short_name(dimension: str, code: str) -> str:
    """Return a name that fits beside a chart: the code's last part in words for a class."""
    if dimension in ("symptom", "cause") and code in load_taxonomy().by_code:
        words = code.rpartition("/")[2].replace("-", " ")
        return _SHORT.get(words, words.capitalize())
    return name_of(dimension, code)
