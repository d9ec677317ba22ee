"""The small Hub answers as the real one does: files, refusals and broken connections."""

import http.client
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from firstmile.lab.small_hub import GATED, NOT_FOUND, hub
from firstmile.lab.small_models import TEXTS
from firstmile.lab.workbench import Workbench


def test_a_file_is_served_with_its_commit() -> None:
    with hub({"config.json": b"{}"}) as address:
        url = f"{address}/acme/tiny/resolve/main/config.json"
        with urllib.request.urlopen(url, timeout=10) as answer:
            assert answer.read() == b"{}"
            assert len(answer.headers["X-Repo-Commit"]) == 40


@pytest.mark.parametrize(
    ("refusal", "status", "code"),
    [(NOT_FOUND, 404, "RepoNotFound"), (GATED, 403, "GatedRepo"), (None, 404, "EntryNotFound")],
)
def test_a_refusal_names_its_reason(
    refusal: tuple[int, dict[str, str]] | None, status: int, code: str
) -> None:
    with hub(refusal=refusal) as address, pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{address}/acme/tiny/resolve/main/a.json", timeout=10)
    with refused.value as error:
        assert (error.code, error.headers["X-Error-Code"]) == (status, code)


def test_a_connection_can_break_before_the_end() -> None:
    with (
        hub({"a.bin": bytes(1_000)}, lost_bytes=10) as address,
        urllib.request.urlopen(f"{address}/acme/tiny/resolve/main/a.bin", timeout=10) as answer,
        pytest.raises(http.client.IncompleteRead),
    ):
        answer.read()


def test_the_workbench_gives_as_many_rows_as_wanted(tmp_path: Path) -> None:
    rows = Workbench(folder=tmp_path, store=tmp_path).rows(20)
    assert len(rows) == 20
    assert set(rows) == set(TEXTS)
