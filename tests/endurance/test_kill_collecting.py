"""Collecting is killed at random moments, again and again: nothing is lost, nothing doubled."""

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import msgspec

from firstmile.study.folder import StudyFolder, make_study
from sources.github_server import Faults, GitHubServer, World, invent, serve

KILLS = int(os.environ.get("FIRSTMILE_KILLS", "2"))
REPOSITORY = "octo/engine"
STUDY = f"""
[study]
name = "Killed"
[[sources]]
kind = "github"
repositories = ["{REPOSITORY}"]
"""


def start(folder: Path, server: GitHubServer) -> "subprocess.Popen[str]":
    program = "from firstmile.ui.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", program, "study", "collect", str(folder), "--quiet"],
        env=os.environ | {"FIRSTMILE_GITHUB_API": server.url, "GITHUB_TOKEN": "ghp_one"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def change(world: World, draw: random.Random) -> None:
    """Open issues and answer others, so that the next run has something to collect."""
    for _ in range(150):
        world.add(REPOSITORY, comments=draw.randrange(4))
    numbers = [thread.number for thread in world.repositories[REPOSITORY].issues()]
    for number in draw.sample(numbers, 30):
        world.comment(REPOSITORY, number)


def expected(world: World) -> dict[int, int]:
    """Return how many comments each issue of the world has."""
    return {t.number: len(t.remarks) for t in world.repositories[REPOSITORY].issues()}


def test_killed_at_random_moments_it_loses_and_doubles_nothing(tmp_path: Path) -> None:
    draw = random.Random(7)
    world = invent(600, repositories=[REPOSITORY], seed=3, long=0.01)
    faults = Faults(rate=0.05, seed=5, largest_page=20)
    folder = tmp_path / "study"
    make_study(folder, STUDY)
    kills = 0
    with serve(world, faults) as server:
        while kills < KILLS:
            process = start(folder, server)
            try:
                process.communicate(timeout=draw.uniform(0.4, 3.0))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.communicate()
                kills += 1
            else:
                assert process.returncode == 0
                change(world, draw)
        last = start(folder, server)
        said = last.communicate(timeout=300)
    assert last.returncode == 0, said
    study = StudyFolder.open(folder)
    held = {issue.number: len(issue.comments) for issue in study.store.issues()}
    assert held == expected(world)
    states = Counter(
        (record.number, msgspec.json.encode(record.payload))
        for page in study.archive.pages()
        for record in page.records()
    )
    assert max(states.values()) == 1
