"""What the tests of reading share: a refusal, a finder of findings, and a site on loopback."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from firstmile.findings import Finding, Outcome
from firstmile.study.reading import read_source
from firstmile.study.reading.network import NetworkPolicy
from reading.https_site import Site, loopback_policy, serve_site
from reading.sources import Refusal


@pytest.fixture
def refusal() -> Refusal:
    """Return a caller that expects a UserError."""
    return Refusal()


@pytest.fixture
def found() -> Callable[..., Finding]:
    """Return a reader that gives the one finding of a rule."""

    def find(source: object, rule: str) -> Finding:
        findings = [f for f in read_source(str(source)).findings if f.source == rule]
        assert len(findings) == 1, [f.message for f in findings]
        assert findings[0].outcome is not Outcome.ERROR
        return findings[0]

    return find


@pytest.fixture
def site() -> Iterator[Site]:
    """Run an https server on loopback."""
    with serve_site() as site:
        yield site


@pytest.fixture
def policy() -> NetworkPolicy:
    """Allow the one address at which the servers here are, with short patience."""
    return loopback_policy()


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Name a folder for downloads that is not there yet."""
    return tmp_path / "cache"


@pytest.fixture
def refused(refusal: Refusal, policy: NetworkPolicy, cache: Path) -> Refusal:
    """Expect a UserError of a download, which leaves nothing in the cache."""
    refusal.options = {"network": policy, "cache": cache}
    return refusal
