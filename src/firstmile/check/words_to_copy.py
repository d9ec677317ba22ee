"""Names from outside as they stand in a remedy, which a person copies into a shell.

A folder from anywhere names its files, tokens and layers. A remedy is run by whoever trusts it, so
that no name may end the command that it stands in, begin another, or reach outside the folder.
"""

import re
import shlex
from collections.abc import Iterable
from typing import Final

SOME_FILE: Final = "FILE"
"""What stands for a file whose name is not to be copied; the evidence has the name."""
SOME_TEXT: Final = "TEXT"
_LONGEST: Final = 200
_PLAIN: Final = re.compile(r"[\w./+=:@,%-]+")
_OF_FILES: Final = re.compile(r"[\w.+=@,%() /-]+")
"""What no shell acts on within single quotes, cmd.exe included, which does not know them."""
_REQUIREMENT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+*,<>=!~\[\]-]{0,200}")
_ELSEWHERE: Final = re.compile(r"[-/~ ]|(?:.*/)?\.\.(?:/|$)|[A-Za-z]:")


def file_word(name: str) -> str:
    """Return a file of the folder as one word of a command, quoted where it must be.

    A name that is absolute, leads out of the folder, reads as an option or holds anything that a
    shell acts on is not for a command: another word stands in its place.
    """
    if len(name) > _LONGEST or not _OF_FILES.fullmatch(name) or _ELSEWHERE.match(name):
        return SOME_FILE
    return shlex.quote(name)


def file_words(names: Iterable[str]) -> str:
    """Return several files as words of a command; those that cannot be named are named once."""
    return " ".join(dict.fromkeys(map(file_word, names)))


def fetched_again(name: str) -> str:
    """Say that a file is to be deleted and downloaded anew."""
    word = file_word(name)
    return f"Delete {word}, then hf download OWNER/NAME {word} --local-dir FOLDER"


def text_word(text: str) -> str:
    """Return a value, such as a token or a layer's name, as one inert word of a command."""
    if len(text) > _LONGEST or not text.isprintable():
        return SOME_TEXT
    return text if _PLAIN.fullmatch(text) and not text.startswith("-") else shlex.quote(text)


def requirement(text: str) -> str:
    """Return what pip is to install, a name with its versions, in the quotes that it needs."""
    return f'"{text}"' if _REQUIREMENT.fullmatch(text) else SOME_TEXT


def python_text(text: str) -> str:
    """Return a value as a text of Python or JSON in double quotes, inert in a shell as well.

    One that would end the quotation, or that a shell puts something in for, is not copied.
    """
    whole = text.replace("\n", "")
    is_inert = whole.isprintable() and not any(sign in whole for sign in "\"'\\$`!")
    escaped = text.replace("\n", "\\n")
    return f'"{escaped if is_inert and len(text) <= _LONGEST else SOME_TEXT}"'
