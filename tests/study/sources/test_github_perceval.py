"""Unmodified Perceval collects from the invented server what our source collects from it.

Perceval is a program of its own, asked over the command line; the server knows nothing of it.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from firstmile.study.issues import Issue
from sources.github_runs import REPOSITORY, run
from sources.github_server import GitHubServer, invent, serve


@pytest.fixture(scope="session")
def perceval() -> str:
    """Return the program; without it skip, or fail where nothing may be skipped."""
    own = Path(__file__).resolve().parents[3] / ".cache" / "perceval" / "bin" / "perceval"
    named = os.environ.get("FIRSTMILE_PERCEVAL")
    program = named or (str(own) if own.is_file() else shutil.which("perceval"))
    if program:
        return program
    reason = "there is no perceval here: install it apart, and set FIRSTMILE_PERCEVAL"
    pytest.skip(reason)


def fetched(program: str, server: GitHubServer, folder: Path) -> list[dict[str, Any]]:
    """Let Perceval fetch the issues, and return them without the pull requests."""
    owner, name = REPOSITORY.split("/")
    out = folder / "items.jsonl"
    command = [program, "github", owner, name, "--enterprise-url", server.url, "-t", "ghp_one"]
    command += ["--category", "issue", "--filter-classified", "--no-archive", "--json-line"]
    command += ["--output", str(out)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, env=os.environ | {"HOME": str(folder)}
    )
    assert done.returncode == 0, done.stderr
    assert "Error" not in done.stderr, done.stderr
    items = [json.loads(line)["data"] for line in out.read_text(encoding="utf-8").splitlines()]
    return [item for item in items if "pull_request" not in item]


def as_perceval(issue: Issue) -> dict[str, Any]:
    """Return what both say of an issue."""
    return {
        "number": issue.number,
        "html_url": issue.url,
        "title": issue.title,
        "body": issue.body or None,
        "state": issue.state,
        "state_reason": issue.state_reason,
        "labels": list(issue.labels),
        "created_at": issue.created_at,
        "updated_at": issue.updated_at,
        "closed_at": issue.closed_at,
        "locked": issue.locked,
        "author_association": issue.association,
        "comments": [(c.body, c.created_at, c.association) for c in issue.comments],
    }


def test_perceval_and_we_collect_the_same(perceval: str, tmp_path: Path) -> None:
    with serve(invent(45, long=0.05), limit=100_000) as server:
        ours = run(server)
        assert max(len(issue.comments) for issue in ours.issues.values()) > 100
        theirs = fetched(perceval, server, tmp_path)
    found = [
        {
            **{key: item[key] for key in as_perceval(ours.issues[item["number"]])},
            "labels": [label["name"] for label in item["labels"]],
            "comments": [
                (c["body"], c["created_at"], c["author_association"]) for c in item["comments_data"]
            ],
        }
        for item in theirs
    ]
    assert sorted(found, key=lambda item: item["number"]) == [
        as_perceval(issue) for _, issue in sorted(ours.issues.items())
    ]
