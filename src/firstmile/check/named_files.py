"""Files that a command names: whether they are there, where that can be known."""

import posixpath
import re
from collections.abc import Callable, Sequence
from typing import Final

from firstmile.check.intent import NamedFile

_LONGEST_NAME: Final = 120
"""Characters of a file's name that are compared: comparing is quadratic."""
_FILLED_IN: Final = "$`*{"
"""What a shell puts something in the place of."""
_ELSEWHERE: Final = re.compile(r"[A-Za-z][\w+.-]{0,40}://|(?:[\w.-]{1,100}@)?[\w.-]{2,200}:")
"""How an address begins (RFC 3986, 3.1), and a place on another machine, as scp and git write it;
one letter and a colon are a drive of Windows."""


def named_file(
    path: str,
    read_start: Callable[[str, int], bytes | None],
    list_folder: Callable[[str], Sequence[str] | None],
) -> tuple[NamedFile, ...]:
    """Return a file that a command names; nothing where it is not known whether it is there."""
    from difflib import get_close_matches

    folder, _, name = path.rpartition("/")
    is_plain = name and path[0] not in "~-" and not any(sign in path for sign in _FILLED_IN)
    if not is_plain or _ELSEWHERE.match(path):
        return ()
    if read_start(path, 1) is not None:
        return (NamedFile(path=path, is_there=True),)
    names = list_folder(f"{folder}/" if folder or path[0] == "/" else ".")
    if names is None or name in names:
        return ()
    alike = get_close_matches(name[:_LONGEST_NAME], names, n=3, cutoff=0.6)
    beside = tuple(posixpath.join(folder, one) for one in alike)
    return (NamedFile(path=path, is_there=False, alike=beside),)
