"""Forms: what a project asks of a bug report, one file a project, and which project is meant.

The headings are those of the projects' own issue forms, so that a report can be pasted there.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import PurePath
from typing import Any, Final

GENERAL: Final = "general"
_FRAMED: Final = "site-packages"
_STARTERS: Final = frozenset(
    ("python", "uv", "poetry", "env", "nohup", "time", "nice", "sudo", "bash", "sh", "accelerate")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSection:
    """A heading, the pieces under it (see `reporting`), what the user adds, and what to tick."""

    heading: str
    holds: tuple[str, ...] = ()
    ask: str | None = None
    tick: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What one project asks for.

    `programs` and `modules` (`python -m`) name it in a command, `frames` are pieces of paths by
    which a traceback does. One that is the last resort lies under most others' tracebacks: it
    is meant where no other is named.
    """

    id: str
    name: str
    title: str
    address: str | None
    programs: tuple[str, ...]
    modules: tuple[str, ...]
    frames: tuple[str, ...]
    is_last_resort: bool
    sections: tuple[FormSection, ...]


@cache
def all_forms() -> dict[str, Form]:
    """Read every form that is packaged, by its id."""
    folder = files("firstmile.run") / "forms"
    found = {}
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".toml"):
            name = file.name.removesuffix(".toml")
            found[name] = _form(name, tomllib.loads(file.read_text(encoding="utf-8")))
    return found


def form_for(command: Sequence[str], text: str) -> Form:
    """Return the form of the project that a failed run is about.

    The command decides where it names one. Otherwise it is the project whose code stands
    lowest in the last traceback: the one that raised.
    """
    forms = all_forms()
    named = _named_in(command, forms)
    if named is not None:
        return named
    lowest: tuple[bool, int] = (False, -1)
    meant = forms[GENERAL]
    frames = [line for line in text.splitlines() if line.lstrip().startswith('File "')]
    for place, frame in enumerate(frames):
        path = frame[frame.rfind(_FRAMED) :] if _FRAMED in frame else frame
        for form in forms.values():
            here = (not form.is_last_resort, place)
            if here > lowest and any(piece in path for piece in form.frames):
                lowest, meant = here, form
    return meant


def _named_in(command: Sequence[str], forms: dict[str, Form]) -> Form | None:
    """Return the form of the program that a command runs, through what starts programs."""
    for place, word in enumerate(command):
        name = PurePath(word).name.lower().removesuffix(".exe")
        for form in forms.values():
            if name in form.programs and not form.is_last_resort:
                return form
        if word == "-m" and place + 1 < len(command):
            module = command[place + 1].partition(".")[0]
            return next((form for form in forms.values() if module in form.modules), None)
        starter = re.sub(r"[\d.]+$", "", name) in _STARTERS
        if not (starter or word.startswith("-") or "=" in word or word in ("run", "launch")):
            return None
    return None


def _form(name: str, tree: dict[str, Any]) -> Form:
    return Form(
        id=name,
        name=tree["name"],
        title=tree["title"],
        address=tree.get("address"),
        programs=tuple(tree.get("programs", ())),
        modules=tuple(tree.get("modules", ())),
        frames=tuple(tree.get("frames", ())),
        is_last_resort=tree.get("is_last_resort", False),
        sections=tuple(
            FormSection(
                heading=section["heading"],
                holds=tuple(section.get("holds", ())),
                ask=section.get("ask"),
                tick=tuple(section.get("tick", ())),
            )
            for section in tree["sections"]
        ),
    )
