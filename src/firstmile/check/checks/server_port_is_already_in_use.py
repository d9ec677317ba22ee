"""Nothing listens on the port that the server is to take.

Why: two programs cannot listen on one port: "[Errno 98] error while attempting to bind on address
('0.0.0.0', 8000): address already in use", often minutes later, after the weights have been
loaded. It is mostly an earlier start of the same server that still runs.

Fix: end the program that holds it (ss -ltnp shows which), or choose another port.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.intent import Action, Container, Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
)
from firstmile.check.worlds import machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/other",
    cause="configuration/inference",
    stage="inference",
    entries=("server-port-is-already-in-use",),
    references=(
        "https://docs.vllm.ai/en/stable/configuration/engine_args.html",
        "https://docs.sglang.ai/advanced_features/server_arguments.html",
        "https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md",
    ),
)
DEFAULTS: Final = {"vllm": 8000, "sglang": 30000, "llama.cpp": 8080, "ollama": 11434}


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for the port among those on which something listens."""
    if not intent.serves:
        return does_not_apply("no server is started")
    port = intent.port if intent.port is not None else DEFAULTS.get(intent.engine or "")
    if not port:
        return not_known("the port that the server takes")
    environment = snapshot.environment
    if environment is None or environment.ports is None:
        return not_known("the ports on which something listens")
    own = " by itself" if intent.port is None else ""
    asked = seen(f"port {port}")
    if port not in environment.ports:
        return passed(f"Nothing listens on port {port}.", asked)
    published = _published(intent, port)
    if published is not None:
        return failed(
            f"Something listens on port {published}, where port {port} of the container is to be.",
            seen(f"published: {published}:{port}"),
            remedy=f"ss -ltnp 'sport = :{published}' shows the program; or publish another: "
            f"-p {published + 1}:{port}",
        )
    return failed(
        f"Something listens on port {port}, which the server takes{own}.",
        asked,
        seen(f"in use: {', '.join(map(str, environment.ports[:12]))}"),
        remedy=f"ss -ltnp 'sport = :{port}' shows the program; or take another: "
        f"--port {_free(port, environment.ports)}",
    )


def _published(intent: Intent, port: int) -> int | None:
    """Return the host's port at which a port of the container is published."""
    container = intent.container
    if container is None or container.host_network:
        return None
    return next((outside for outside, inside in container.ports if inside == port), None)


def _free(port: int, used: tuple[int, ...]) -> int:
    return next(each for each in range(port + 1, port + len(used) + 2) if each not in used)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(
        outcome: Outcome, port: int | None, *used: int, engine: str = "vllm", says: str = ""
    ) -> Example:
        made = replace(machine(), ports=used)
        asked = Intent(action=Action.SERVE, engine=engine, port=port)
        return Example(outcome=outcome, snapshot=world(environment=made), intent=asked, says=says)

    yield of(Outcome.PASS, 8001, 22, 8000)
    yield of(Outcome.FAIL, 8001, 22, 8001)
    yield of(Outcome.FAIL, None, 8000, 8001, says="by itself")
    yield of(Outcome.PASS, None, 8000, engine="sglang")
    used = world(environment=replace(machine(), ports=(8000,)))
    for outcome, inside in (
        (Outcome.FAIL, Container(ports=((8000, 8000),))),
        (Outcome.PASS, Container(ports=((8001, 8000),))),
        (Outcome.FAIL, Container(host_network=True)),
    ):
        run = Intent(action=Action.SERVE, engine="vllm", container=inside)
        yield Example(outcome=outcome, snapshot=used, intent=run)
    yield Example(outcome=Outcome.SKIP, snapshot=world(environment=machine()))
    serve = Intent(action=Action.SERVE, engine="vllm")
    yield Example(outcome=Outcome.SKIP, snapshot=world(environment=machine()), intent=serve)
