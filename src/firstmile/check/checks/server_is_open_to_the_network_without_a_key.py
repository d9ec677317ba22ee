"""A server that listens to the whole network asks for a key.

Why: with --host 0.0.0.0 everybody who reaches the machine may send requests. Scanners find open
ports of model servers within hours: their requests fill the queue, and one's own wait or time out.

Fix: set --api-key, listen to 127.0.0.1, or put a proxy with a login in front.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.installed import (
    value_of,
)
from firstmile.check.intent import Action, Argument, Container, Intent
from firstmile.check.model_sizes import (
    written,
)
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, passed, seen, warned
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="hang/generation",
    cause="configuration/inference",
    stage="inference",
    references=("https://docs.vllm.ai/en/stable/usage/security/",),
)
_OPEN: Final = ("0.0.0.0", "::", "[::]")  # noqa: S104 - what is looked for
_KEYS: Final = {"vllm": "VLLM_API_KEY", "llama.cpp": "LLAMA_API_KEY"}


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for a key beside an address that is open."""
    if not intent.serves or intent.host not in _OPEN:
        return does_not_apply("the command opens no server to the whole network")
    container = intent.container
    if container is not None and not container.host_network:
        reached = [
            outside for outside, _ in container.ports if outside not in container.local_ports
        ]
        if not reached:
            return does_not_apply("the container publishes no port to the network")
    proof = seen(f"host = {intent.host}")
    variable = _KEYS.get(intent.engine or "")
    keyed = written(intent, "api_key", "api_key_file") is not None
    if keyed or (variable and value_of(snapshot, intent, variable)):
        return passed("The server asks for a key.", proof)
    if intent.engine == "ollama":
        remedy = "Set OLLAMA_HOST=127.0.0.1, or put a proxy with a login in front."
    else:
        remedy = "Set --api-key, or --host 127.0.0.1."
    return warned("Everybody on the network may use the server.", proof, remedy=remedy)


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    serve = Intent(action=Action.SERVE, engine="vllm", host=_OPEN[0])
    yield Example(outcome=Outcome.WARN, snapshot=world(), intent=serve, says="Everybody")
    key = Argument(written="--api-key", name="api_key", value="<set>")
    yield Example(outcome=Outcome.PASS, snapshot=world(), intent=replace(serve, arguments=(key,)))
    known = replace(serve, variables={"VLLM_API_KEY": "<set>"})
    yield Example(outcome=Outcome.PASS, snapshot=world(), intent=known)
    yield Example(outcome=Outcome.WARN, snapshot=world(), intent=replace(serve, engine="ollama"))
    for outcome, inside in (
        (Outcome.WARN, Container(ports=((8000, 8000),))),
        (Outcome.WARN, Container(host_network=True)),
        (Outcome.SKIP, Container(ports=((8000, 8000),), local_ports=(8000,))),
        (Outcome.SKIP, Container()),
    ):
        run = replace(serve, container=inside)
        yield Example(outcome=outcome, snapshot=world(), intent=run)
    near = replace(serve, host="127.0.0.1")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=near, says="does not apply")
