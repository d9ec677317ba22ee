"""What every test of a source begins with."""

import pytest

from firstmile.study.github.endpoint import VARIABLE
from firstmile.study.github.tokens import ENTERPRISE


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Name no server, and put the environment back afterwards."""
    monkeypatch.setenv(VARIABLE, "")
    monkeypatch.delenv(ENTERPRISE, raising=False)
