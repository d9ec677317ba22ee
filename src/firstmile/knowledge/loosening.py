r"""Loosening: a pattern as a coarser one (RE2) over the raw bytes of a log, each a character.

Every line that meets the pattern once it is read (`diagnose.reading`: without colors and what was
written over) meets the coarser one as it stands; some others do too. So the ends of lines are
gone, since reading changes what a line begins with; a character beyond ASCII is any run of bytes
that may be one, since no log promises to be UTF-8; and before a word there may be a color.
"""

from typing import Final

from firstmile.knowledge.syntax import Chain, Choice, OneOf, Repeat, Text, Tree, WordEdge, tree_of

_LAST_ASCII: Final = 0x7F
_NEWLINE: Final = 0x0A
_BYTES_OF_RUNE: Final = 4
_MOST_COUNTED: Final = 12
_WORD_EDGE: Final = r"(?:\b|[\x1b\x9b][ -?\[]*[0-~])"
"""The edge of a word, or what is taken out before one: it may end in a letter (ECMA-48)."""


def loosened(pattern: str) -> bytes | None:
    """Return the coarser pattern; None where the pattern has no tree."""
    tree = tree_of(pattern)
    return None if tree is None else _of(tree).encode("ascii")


def _of(tree: Tree) -> str:
    match tree:
        case Text():
            return "".join(_character(each, any_case=tree.any_case) for each in tree.value)
        case WordEdge():
            return _WORD_EDGE
        case OneOf():
            return _one_of(tree, "")
        case Chain():
            return "".join(_of(part) for part in tree.parts)
        case Choice():
            return f"(?:{'|'.join(_of(option) for option in tree.options)})"
        case Repeat():
            return _repeat(tree)


def _character(char: str, *, any_case: bool) -> str:
    forms = {char, *_cases(char)} if any_case else {char}
    escaped = sorted(_bytes(form) for form in forms)
    return escaped[0] if len(escaped) == 1 else f"(?:{'|'.join(escaped)})"


def _cases(char: str) -> set[str]:
    return {form for form in (char.lower(), char.upper(), char.casefold()) if len(form) == 1}


def _bytes(text: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in text.encode("utf-8", "replace"))


def _one_of(tree: OneOf, times: str) -> str:
    """Write a class: ASCII as it is, and any bytes for what is beyond."""
    codes = {
        code
        for first, last in tree.ranges
        for code in range(first, min(last, _LAST_ASCII) + 1)
        if code != _NEWLINE
    }
    if tree.any_case:
        codes |= {ord(form) for code in codes for form in _cases(chr(code)) if form.isascii()}
    inside = "".join(f"\\x{code:02x}" for code in sorted(codes))
    if _is_wide(tree):
        return f"[{inside}\\x80-\\xff]{times or f'{{1,{_BYTES_OF_RUNE}}}'}"
    return f"[{inside}]{times}" if inside else f"[\\x{_NEWLINE:02x}]{times}"


def _repeat(tree: Repeat) -> str:
    """Write a repeated part; what is counted high is not counted, which would take many states."""
    if tree.most == 0:
        return ""
    most = tree.most
    if isinstance(tree.part, OneOf) and most is not None and _is_wide(tree.part):
        most *= _BYTES_OF_RUNE
    least = min(tree.least, _MOST_COUNTED)
    if most is None or most > _MOST_COUNTED:
        times = "*" if least == 0 else "+" if least == 1 else f"{{{least},}}"
    else:
        times = f"{{{least},{most}}}"
    if isinstance(tree.part, OneOf):
        return _one_of(tree.part, times)
    return f"(?:{_of(tree.part)}){times}"


def _is_wide(tree: OneOf) -> bool:
    return any(last > _LAST_ASCII for _, last in tree.ranges)
