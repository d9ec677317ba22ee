"""The decisions that a model's labels go to, and an end to requests that a test left behind."""

import gc
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from firstmile.study.decisions import Decisions
from firstmile.study.model_rater.rating import ASKING


@pytest.fixture
def decisions(tmp_path: Path) -> Iterator[Decisions]:
    with Decisions(tmp_path / "decisions.sqlite") as opened:
        yield opened


@pytest.fixture(autouse=True)
def nothing_is_left_asking() -> Iterator[None]:
    """Wait for threads of an interrupted run: their sockets would be complained of in later tests.

    A run that is interrupted closes its client while they still read, and ends with the process.
    """
    yield
    left = [thread for thread in threading.enumerate() if thread.name == ASKING]
    for thread in left:
        thread.join(30)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
