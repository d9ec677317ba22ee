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
