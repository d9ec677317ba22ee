"""How messages name a study on the command line."""

import shlex
from pathlib import Path

from firstmile.rendering.inert import visible


def as_argument(given: Path | str) -> str:
    """Return a path or name as it can be pasted into a shell, with what is unseen spelled out."""
    return visible(shlex.quote(str(given)))
