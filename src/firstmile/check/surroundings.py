"""What of the machine is not as an engine expects it, though nothing fails: GPUs, and packages."""

from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import package_of_engine, python_of, runs_python
from firstmile.check.intent import Intent
from firstmile.check.precision import has_no_gpu
from firstmile.check.unit import NOTHING
from firstmile.facts.snapshot import Snapshot

_LONGEST: Final = 200


def surroundings(snapshot: Snapshot, intent: Intent, *, is_here: bool = True) -> Iterator[str]:
    """Yield sentences on what an engine's command would be surprised at.

    Without a GPU and without the engine most checks have nothing to look at, and are skipped:
    that must not read as if all was looked at. Of a machine that is not this one (not `is_here`) a
    snapshot names the Python.
    """
    if not is_here:
        yield from _not_read(intent)
    way = "--python PATH names" if is_here else "firstmile facts --python PATH takes down"
    environment = snapshot.environment
    if environment is None:
        return
    if intent.engine is None:
        if intent == NOTHING:
            yield from _bare(snapshot, way)
        return
    if has_no_gpu(snapshot):
        yield "No GPU was found on the machine: the run was judged on its processor."
    if not runs_python(intent):
        return
    name, python = package_of_engine(intent), environment.python
    if name is None or python is None or python_of(snapshot) is not None:
        return
    other = any(each.name == name for each in environment.programs or ())
    where = f"; the {name} on the PATH belongs to another" if other else ""
    missing = "torch" if name == "torch" else f"neither {name} nor torch"
    yield (
        f"The Python that was read ({python.prefix[:_LONGEST]}) has {missing}{where}: no packages "
        f"were judged, and {way} the one that will run it."
    )


def _not_read(intent: Intent) -> Iterator[str]:
    """Yield the script and the template that are not on this machine, which reads them.

    A path that a shell has yet to fill in, or one within a container, is another's to read.
    """
    template = intent.chat_template or ""
    named = (
        (intent.script or "") if (intent.script or "").endswith(".py") else "",
        template if template.endswith((".jinja", ".jinja2", ".j2")) else "",
    )
    for name in named if intent.container is None and not intent.elsewhere else ():
        is_plain = bool(name) and name[0] != "~" and not any(sign in name for sign in "$`*{")
        if is_plain and not any(one.path.endswith(name) for one in intent.files):
            yield (
                f"{name[:_LONGEST]} is not there on this machine: the command was judged without "
                "what it says."
            )


def _bare(snapshot: Snapshot, way: str) -> Iterator[str]:
    """Yield what a machine has not that most checks look at, where no command is judged."""
    environment = snapshot.environment
    python = environment.python if environment is not None else None
    missing = ["no GPU was found on the machine"] if has_no_gpu(snapshot) else []
    if python is not None and python_of(snapshot) is None:
        place = python.prefix[:_LONGEST]
        missing.append(f"the Python that was read ({place}) has no torch, and {way} another")
    if missing:
        said = "; ".join(missing)
        yield f"{said[:1].upper()}{said[1:]}."
