"""The network interfaces that NCCL and Gloo are told to use exist on this machine.

Why: NCCL_SOCKET_IFNAME and GLOO_SOCKET_IFNAME name the network card that ranks talk over. Copied
from another cluster (eth0, ib0) they name none here: NCCL ends in "Bootstrap : no socket interface
found", Gloo in "Unable to find address for: eth0".

Fix: name an interface that ip -br addr shows, on all machines, or unset the variable. NCCL takes
the beginning of a name; "=" before it means the whole, "^" all but these.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from firstmile.check.installed import (
    value_of,
)
from firstmile.check.intent import Intent, Parallel
from firstmile.check.ranks import SERVERS, at_once
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.words_to_copy import text_word
from firstmile.check.worlds import machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/cuda/communication",
    cause="distributed/communication",
    entries=("nccl-cannot-reach-the-other-machine",),
    references=(
        "https://docs.nvidia.com/deeplearning/nccl/user-guide/docs/env.html#nccl-socket-ifname",
        "https://docs.pytorch.org/docs/stable/distributed.html#choosing-the-network-interface-to-use",
    ),
)
_NAMES: Final = ("NCCL_SOCKET_IFNAME", "GLOO_SOCKET_IFNAME")


def judge(snapshot: Snapshot, intent: Intent) -> Sequence[Verdict] | Verdict:
    """Compare each variable with the interfaces of the machine."""
    told = [(name, value_of(snapshot, intent, name)) for name in _NAMES]
    set_ones = [(name, value) for name, value in told if value]
    if not set_ones:
        if snapshot.environment is None:
            return not_known("the variables of the machine")
        return does_not_apply("no variable names a network interface")
    if snapshot.environment is None or snapshot.environment.interfaces is None:
        return not_known("the network interfaces of the machine")
    found = [_one(name, value, snapshot.environment.interfaces) for name, value in set_ones]
    if at_once(intent) > 1 or intent.engine in SERVERS:
        return found
    return [
        replace(each, outcome=Outcome.WARN) if each.outcome is Outcome.FAIL else each
        for each in found
    ]


def _one(name: str, value: str, there: tuple[str, ...]) -> Verdict:
    proof = (seen(f"{name}={value}"), seen(f"interfaces: {', '.join(there)}"))
    if name.startswith("NCCL") and value.startswith("^"):
        left_out = value[1:].split(",")
        left = [each for each in there if not any(_begins(each, part) for part in left_out)]
        if any(each != "lo" for each in left):
            return passed(f"The variable {name} leaves interfaces to use.", *proof)
        return failed(
            f"The variable {name} leaves out all interfaces.", *proof, remedy=f"Unset {name}."
        )
    exact = value.startswith("=") or name.startswith("GLOO")
    parts = [part.strip() for part in value.lstrip("=").split(",") if part.strip()]
    found = [
        part
        for part in parts
        if any(_is(each, part) if exact else _begins(each, part) for each in there)
    ]
    lacking = [part for part in parts if part not in found]
    usable = [each for each in there if each != "lo"]
    remedy = f"Set {name}={text_word(usable[0])}, or unset it." if usable else f"Unset {name}."
    if not found or (lacking and name.startswith("GLOO")):
        return failed(
            f"The variable {name} names {' and '.join(lacking) or 'nothing'}, which this machine "
            "does not have.",
            *proof,
            remedy=remedy,
        )
    return passed(f"The interface that {name} names is there.", *proof)


def _begins(interface: str, part: str) -> bool:
    """Say whether a name begins so; of one that is made of its address the beginning counts."""
    if interface.endswith("*"):
        return part.startswith(interface[:-1]) or interface[:-1].startswith(part)
    return interface.startswith(part.partition(":")[0])


def _is(interface: str, part: str) -> bool:
    if interface.endswith("*"):
        return part.startswith(interface[:-1])
    return interface == part.partition(":")[0]


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def there(*interfaces: str, **variables: str) -> Snapshot:
        made = machine(variables=variables)
        return world(None, replace(made, interfaces=interfaces))

    yield Example(
        outcome=Outcome.WARN,
        snapshot=there("ens5", "lo", NCCL_SOCKET_IFNAME="eth0"),
        says="names eth0",
    )
    two = Intent(engine="torchrun", parallel=Parallel(processes=2))
    yield Example(
        outcome=Outcome.FAIL,
        snapshot=there("ens5", "lo", NCCL_SOCKET_IFNAME="eth0"),
        intent=two,
    )
    yield Example(outcome=Outcome.PASS, snapshot=there("eth0", "lo", NCCL_SOCKET_IFNAME="eth"))
    yield Example(
        outcome=Outcome.FAIL, snapshot=there("eth0", "lo", NCCL_SOCKET_IFNAME="=eth"), intent=two
    )
    yield Example(
        outcome=Outcome.PASS, snapshot=there("eth0", "docker0", NCCL_SOCKET_IFNAME="^docker,lo")
    )
    yield Example(
        outcome=Outcome.FAIL,
        snapshot=there("docker0", "lo", NCCL_SOCKET_IFNAME="^docker0"),
        intent=two,
    )
    yield Example(
        outcome=Outcome.FAIL, snapshot=there("eth0", "lo", GLOO_SOCKET_IFNAME="eth"), intent=two
    )
    yield Example(
        outcome=Outcome.PASS, snapshot=there("enx*", GLOO_SOCKET_IFNAME="enx001122aabbcc")
    )
    several = there("ib0", "ib1", "lo", NCCL_SOCKET_IFNAME="ib0,ib7")
    yield Example(outcome=Outcome.PASS, snapshot=several)
    yield Example(outcome=Outcome.SKIP, snapshot=there("eth0"), says="does not apply")
    told = Intent(variables={"NCCL_SOCKET_IFNAME": "eth0"})
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=told, says="not known")
