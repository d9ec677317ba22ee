"""Models lie in the file system of the Linux that reads them, not on a drive of Windows.

Why: WSL 2, and Docker Desktop with it, reach drives of Windows (/mnt/c, C:\\ in -v) by a network
file system. Reading weights through it takes minutes where the disk itself takes seconds; once
they are in memory all is fast.

Fix: keep models below ~ in WSL, or in a Docker volume: -v ollama:/root/.ollama.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Action, Container, Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, not_known, passed, seen, warned
from firstmile.check.worlds import machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="slow/loading",
    cause="configuration/inference",
    references=(
        "https://learn.microsoft.com/en-us/windows/wsl/filesystems",
        "https://docs.docker.com/desktop/features/wsl/best-practices/",
    ),
)
_DRIVE: Final = re.compile(r"(?:[A-Za-z]:[\\/].*|/(?:host_)?mnt/[a-z](?:/.*)?|//?[a-z]/Users/.*)")
_OF_MODELS: Final = re.compile(r"(?i)ollama|model|hugging|\.cache|hub|/data|weights|gguf")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at the model's path and at what a container mounts."""
    if intent.container is not None:
        mounted = [
            (host, inside)
            for host, inside in intent.container.mounts
            if _DRIVE.fullmatch(host) and _OF_MODELS.search(f"{host} {inside}")
        ]
        if mounted:
            host, inside = mounted[0]
            return _slow(f"the container reads {inside} from {host}")
        if intent.container.mounts:
            return passed("The container mounts no drive of Windows for models.")
        return does_not_apply("the container mounts nothing")
    environment = snapshot.environment
    if environment is None or environment.system is None:
        return not_known("the operating system")
    if environment.system.wsl != 2:
        return does_not_apply("this is no Linux inside of Windows")
    path = intent.model or ""
    if not path.startswith("/"):
        return does_not_apply("the command names no model by its whole path")
    if _DRIVE.fullmatch(path):
        return _slow(f"model = {path}, in WSL 2")
    return passed("The model lies in the file system of Linux.", seen(f"model = {path}"))


def _slow(text: str) -> Verdict:
    return warned(
        "Weights are read from a drive of Windows through WSL 2, which takes many times longer.",
        seen(text),
        remedy="Keep models below ~ inside of WSL, or in a Docker volume (-v NAME:/FOLDER).",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def mounted(*mounts: tuple[str, str]) -> Intent:
        return Intent(
            engine="ollama", action=Action.SERVE, container=Container(image="i", mounts=mounts)
        )

    def of(outcome: Outcome, intent: Intent, **said: Any) -> Example:
        return Example(outcome=outcome, snapshot=world(environment=machine(**said)), intent=intent)

    yield of(Outcome.WARN, mounted(("C:\\Users\\me\\ollama", "/root/.ollama")))
    yield of(Outcome.WARN, mounted(("/mnt/d/models", "/models")))
    yield of(Outcome.PASS, mounted(("ollama", "/root/.ollama")))
    yield of(Outcome.PASS, mounted(("/mnt/data/models", "/models")))
    yield of(Outcome.SKIP, mounted())
    served = Intent(engine="vllm", model="/mnt/c/models/m")
    yield of(Outcome.WARN, served, wsl=2)
    yield of(Outcome.SKIP, served)
    yield of(Outcome.PASS, Intent(engine="vllm", model="/home/me/m"), wsl=2)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=served, says="not known")
