"""The variables that ranks find each other by are all set, or none of them.

Why: a script that finds WORLD_SIZE or RANK believes that a launcher has started it, and wants
MASTER_ADDR and MASTER_PORT too: "environment variable MASTER_ADDR expected, but not set". Left
over from another run, they make a script that plain python starts wait for ranks that never come.

Fix: unset RANK, LOCAL_RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, and start by torchrun or
accelerate launch, which set all of them.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.counting import counted
from firstmile.check.installed import (
    value_of,
)
from firstmile.check.intent import Action, Intent, Parallel
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    warned,
)
from firstmile.check.worlds import machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.facts.whole_numbers import whole_number
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="hang/fine-tuning",
    cause="distributed/synchronization",
    entries=("training-on-several-gpus-never-makes-its-first-step",),
    references=(
        "https://docs.pytorch.org/docs/stable/distributed.html#environment-variable-initialization",
    ),
)
_ALL: Final = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for some of the variables where no launcher sets them."""
    if intent.engine not in ("transformers", "trl", "accelerate") or (
        intent.parallel.processes is not None or intent.parallel.nodes is not None
    ):
        return does_not_apply("a launcher sets the variables, or the engine does")
    if snapshot.environment is None:
        return not_known("the variables of the machine")
    known = {name: value_of(snapshot, intent, name) for name in _ALL}
    there = {name: value for name, value in known.items() if value}
    count = there.get("WORLD_SIZE", "")
    if not there or set(there) <= {"MASTER_ADDR", "MASTER_PORT"}:
        return does_not_apply("the variables of a launch are not set")
    proof = [seen(f"{name}={value}") for name, value in there.items()]
    names = " ".join(_ALL)
    missing = [name for name in _ALL if name not in there]
    if missing:
        return failed(
            f"{' and '.join(there)} {'is' if len(there) == 1 else 'are'} set, but not "
            f"{' and '.join(missing)}.",
            *proof,
            remedy=f"Run: unset {names} LOCAL_RANK. Then start by torchrun.",
        )
    processes = whole_number(count) or 0
    if processes > 1:
        return warned(
            f"WORLD_SIZE is {count} without a launcher: the script waits for "
            f"{counted(processes - 1, 'more rank')}.",
            *proof,
            remedy=f"Run: unset {names} LOCAL_RANK; or start the other ranks as well.",
        )
    return passed("The variables describe a run of one rank.", *proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    train = Intent(action=Action.FINE_TUNE, engine="transformers")

    def there(**variables: str) -> Snapshot:
        return world(None, machine(variables=variables))

    half = there(RANK="0", WORLD_SIZE="4")
    yield Example(outcome=Outcome.FAIL, snapshot=half, intent=train, says="but not MASTER_ADDR")
    full = {"RANK": "0", "MASTER_ADDR": "<set>", "MASTER_PORT": "29500"}
    yield Example(outcome=Outcome.WARN, snapshot=there(**full, WORLD_SIZE="4"), intent=train)
    yield Example(outcome=Outcome.PASS, snapshot=there(**full, WORLD_SIZE="1"), intent=train)
    launched = replace(train, parallel=Parallel(processes=4))
    yield Example(outcome=Outcome.SKIP, snapshot=half, intent=launched)
    yield Example(outcome=Outcome.SKIP, snapshot=there(), intent=train, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=train, says="not known")
