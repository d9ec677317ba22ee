"""Invented answers of firstmile check, hostile ones too, for tests of how they are told."""

from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

from firstmile.check.checkup import Checkup, plain
from firstmile.check.suppressions import Suppression
from firstmile.check.unit import About, Check, check_id
from firstmile.facts.environment import NotKnown
from firstmile.facts.sizes import GIB
from firstmile.findings import Evidence, Examination, FailOn, Finding, Outcome

HOSTILE = "\x1b]0;owned\x07<script>alert(1)</script>\u202e``` [x](javascript:1) | =1+1 \x1b[31m ]]>"
PAGE = "https://example.org/page"


def check(
    name: str,
    cause: str = "configuration/inference",
    *,
    why: str = "a server refuses `--flag`.",
    fix: str = "leave `--flag` out.",
) -> Check:
    """Return a check that only explains itself."""
    about = About(symptom="crash/other", cause=cause, references=(PAGE,), entries=())
    module = SimpleNamespace(
        __name__=f"firstmile.check.checks.{name}",
        __doc__=f"The good state of {name}.\n\nWhy: {why}\n\nFix: {fix}\n",
        ABOUT=about,
    )
    return cast("Check", module)


FLAG = check("flag_is_wrong")
TEMPLATE = check("template_is_wrong", "tokenizer/file")
FINE = check("all_is_fine", "environment/cuda-version")


def finding(
    of: Check,
    outcome: Outcome = Outcome.FAIL,
    message: str = "The flag is refused.",
    *evidence: Evidence,
    remedy: str | None = None,
) -> Finding:
    """Return a finding of a check."""
    return Finding(
        source=check_id(of),
        outcome=outcome,
        message=message,
        evidence=evidence,
        classification=of.ABOUT.classification,
        remedy=remedy,
    )


FINDINGS = (
    finding(FINE, Outcome.PASS, "It is fine."),
    finding(TEMPLATE, Outcome.WARN, "The template may lose it.", Evidence(text="line", file="a.j")),
    finding(
        FLAG,
        Outcome.FAIL,
        "The flag is refused.",
        Evidence(text="max = 4096", file="config.json", record=3),
        Evidence(text="--flag 5"),
        remedy="Ask for 4096, or less.",
    ),
    finding(FLAG, Outcome.FAIL, "The flag is refused twice."),
    finding(FINE, Outcome.SKIP, "does not apply: no model"),
)


def checkup(*findings: Finding, subject: str = "vllm serve x", **parts: Any) -> Checkup:
    """Return a checkup of findings."""
    return Checkup(
        examination=Examination(
            subject=subject,
            findings=findings or FINDINGS,
            versions={"firstmile": "0", "codebook": "1"},
            started="2026-01-02T03:04:05Z",
            seconds=0.25,
        ),
        checks={check_id(one): one for one in (FLAG, TEMPLATE, FINE)},
        **parts,
    )


def told(*findings: Finding, **parts: Any) -> dict[str, Any]:
    """Return a checkup in its plain form."""
    return plain(checkup(*findings, **parts))


def accepted(of: Check = FLAG, until: date | None = None) -> dict[str, Suppression]:
    """Return a suppression of a check."""
    one = Suppression(check=check_id(of), reason="we serve short texts", until=until)
    return {one.check: one}


def hostile() -> dict[str, Any]:
    """Return a checkup in which every text from outside tries to act."""
    evil = Evidence(text=HOSTILE, file=f"{HOSTILE}/x.json", record=2)
    data = told(
        finding(FLAG, Outcome.FAIL, HOSTILE, evil, remedy=HOSTILE),
        finding(TEMPLATE, Outcome.WARN, HOSTILE, evil),
        finding(FINE, Outcome.ERROR, HOSTILE),
        finding(FINE, Outcome.SKIP, HOSTILE),
        subject=HOSTILE,
        unread=(HOSTILE,),
        not_known=(NotKnown(what=HOSTILE, reason=HOSTILE), NotKnown(what="model", reason=HOSTILE)),
        suppressed={
            check_id(TEMPLATE): Suppression(check=check_id(TEMPLATE), reason=HOSTILE, until=None)
        },
        fail_on=FailOn.WARN,
    )
    return {**data, "memory": memory(HOSTILE), "smallest_change": change(HOSTILE)}


def memory(name: str = "the device") -> dict[str, Any]:
    """Return the memory of a run in its plain form."""
    amount = {"low": 15 * GIB, "likely": 16 * GIB, "high": 18 * GIB}
    return {
        "fit": "fits",
        "devices": 2,
        "devices_there": 2,
        "is_training": False,
        "context": 4096,
        "context_is_asked": False,
        "longest_context": 8192,
        "positions": 32768,
        "places": [
            {
                "name": name,
                "is_gpu": True,
                "fit": "fits",
                "limit_bytes": 20 * GIB,
                "total_bytes": 24 * GIB,
                "needed_bytes": amount,
                "parts": [{"name": name, "bytes": amount, "source": name}],
            }
        ],
        "assumptions": [name],
        "measured_on_gpu": False,
    }


def change(text: str = "take a shorter context") -> dict[str, Any]:
    """Return a smallest change in its plain form."""
    return {
        "because": text,
        "command": f"vllm serve x {text}",
        "steps": [text],
        "still_fails": [text],
        "loses": [text],
        "hardware": None,
    }


def texts(value: Any) -> Iterator[str]:
    """Yield every text in a tree."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
