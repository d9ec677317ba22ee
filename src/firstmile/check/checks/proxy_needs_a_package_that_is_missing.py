"""A SOCKS proxy has the package beside it that Python's clients need to speak through one.

Why: ALL_PROXY=socks5://... works in curl at once. Python's do not: requests says "Missing
dependencies for SOCKS support" without PySocks, httpx (huggingface_hub 1, openai) says
"Using SOCKS proxy, but the 'socksio' package is not installed", even for requests to localhost.

Fix: pip install pysocks socksio; or set an http:// proxy, which most proxy programs offer as well.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import python_of, unknown_python
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.releases import older
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
from firstmile.check.worlds import world
from firstmile.facts.environment import Variable
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/import-error",
    cause="environment/dependency-library",
    entries=("hub-cannot-be-reached-and-nothing-is-cached",),
    references=(
        "https://www.python-httpx.org/advanced/proxies/",
        "https://requests.readthedocs.io/en/latest/user/advanced/#socks",
    ),
)
PROXIES: Final = (
    "ALL_PROXY",
    "all_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for a SOCKS proxy and the package that the Hub's client speaks it with."""
    environment = snapshot.environment
    if environment is None:
        return not_known("the environment variables")
    socks = next(
        (
            each
            for name in PROXIES
            if (each := environment.variable(name)) and (each.detail or "").startswith("socks")
        ),
        None,
    )
    if socks is None:
        return does_not_apply("no SOCKS proxy is set")
    python = python_of(snapshot)
    if python is None:
        return unknown_python(snapshot)
    hub = python.package("huggingface-hub")
    if hub is None:
        return not_known("the installed huggingface-hub")
    if older(hub.version, "2.0") is not True:
        return not_known(f"how huggingface-hub {hub.version} speaks through a SOCKS proxy")
    needed = "pysocks" if older(hub.version, "1.0") else "socksio"
    proof = (
        seen(f"{socks.name} is a {socks.detail} proxy"),
        seen(f"huggingface-hub {hub.version}"),
    )
    if python.package(needed) is not None:
        return passed(f"The package {needed} for the SOCKS proxy is installed.", *proof)
    say = failed if python.package("httpx") is not None or needed == "pysocks" else warned
    return say(
        f"The variable {socks.name} names a SOCKS proxy, but {needed} is not installed.",
        *proof,
        remedy=f"pip install {needed}, or an http:// proxy in HTTPS_PROXY and no {socks.name}.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, detail: str | None, *packages: str) -> Example:
        set_to = Variable(name="ALL_PROXY", value="<set>", detail=detail)
        made = computer(
            *(package(*each.split("==")) for each in ("transformers==5.2.0", *packages)),
            variables=[set_to] if detail else [],
        )
        return Example(outcome=outcome, snapshot=world(environment=made))

    yield of(Outcome.PASS, "socks5", "huggingface-hub==1.2.0", "socksio==1.0.0")
    yield of(Outcome.FAIL, "socks5", "huggingface-hub==1.2.0", "httpx==0.28.1")
    yield of(Outcome.FAIL, "socks5h", "huggingface-hub==0.36.0", "socksio==1.0.0")
    yield of(Outcome.PASS, "socks5h", "huggingface-hub==0.36.0", "pysocks==1.7.1")
    yield of(Outcome.SKIP, "socks5", "huggingface-hub==2.4.0")
    yield of(Outcome.SKIP, "http", "huggingface-hub==1.2.0")
    yield of(Outcome.SKIP, None, "huggingface-hub==1.2.0")
