"""Folding: texts without their case."""


def folded(text: str) -> str:
    """Return a text without its case; equal for all texts that only differ in case.

    RE2 ignores case by the simple folding of Unicode, which this full one only adds to. Unlike
    `str.lower`, it folds each character by itself, so a part of a text folds to a part.
    """
    return text.casefold()
