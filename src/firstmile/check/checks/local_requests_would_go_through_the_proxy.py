"""Requests to a server on this machine do not go through the proxy.

Why: with HTTP_PROXY set and localhost not in NO_PROXY, clients in Python and curl send requests
for http://localhost:8000 to the proxy, which answers 502 or 503, or nothing at all. The server is
well; it never saw the request.

Fix: export NO_PROXY=localhost,127.0.0.1 and no_proxy likewise, where the client runs.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Action, Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, not_known, passed, seen, warned
from firstmile.check.worlds import machine, world
from firstmile.facts.environment import Environment, Variable
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/other",
    cause="configuration/inference",
    stage="inference",
    references=("https://www.python-httpx.org/environment_variables/",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for a proxy for http without an exception for localhost."""
    if not intent.serves:
        return does_not_apply("no server is started")
    environment = snapshot.environment
    if environment is None:
        return not_known("the environment variables")
    proxy = _set(environment, "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
    if proxy is None:
        return does_not_apply("no proxy for http is set")
    past = _set(environment, "NO_PROXY", "no_proxy")
    proof = (
        seen(f"{proxy.name} is set"),
        seen(f"{past.name} covers {past.detail}" if past else "NO_PROXY is not set"),
    )
    if past is not None and past.detail == "localhost":
        return passed("Requests to localhost go past the proxy.", *proof)
    return warned(
        f"The variable {proxy.name} is set without localhost excepted: requests to the server on "
        "this machine go to the proxy.",
        *proof,
        remedy="export NO_PROXY=localhost,127.0.0.1 no_proxy=localhost,127.0.0.1",
    )


def _set(environment: Environment, *names: str) -> Variable | None:
    found = (environment.variable(name) for name in names)
    return next((each for each in found if each is not None and each.value), None)


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    from msgspec.structs import replace

    serve = Intent(action=Action.SERVE, engine="vllm")
    proxy = Variable(name="http_proxy", value="<set>", detail="http")

    def of(outcome: Outcome, *variables: Variable, intent: Intent = serve) -> Example:
        made = replace(machine(), variables=variables)
        return Example(outcome=outcome, snapshot=world(environment=made), intent=intent)

    yield of(Outcome.WARN, proxy)
    yield of(Outcome.WARN, proxy, Variable(name="NO_PROXY", value="<set>", detail="not localhost"))
    yield of(Outcome.PASS, proxy, Variable(name="no_proxy", value="<set>", detail="localhost"))
    yield of(Outcome.SKIP)
    yield of(Outcome.SKIP, proxy, intent=Intent())
