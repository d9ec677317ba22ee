"""The decisions that a model's labels go to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from firstmile.study.decisions import Decisions


@pytest.fixture
def decisions(tmp_path: Path) -> Iterator[Decisions]:
    with Decisions(tmp_path / "decisions.sqlite") as opened:
        yield opened
