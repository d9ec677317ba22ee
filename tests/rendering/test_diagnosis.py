"""A diagnosis as text, Markdown and page: readable, and nothing from outside acts in it."""

import re
from typing import Any

import pytest

from firstmile.rendering.diagnosis import as_markdown, as_page, as_text

HOSTILE = "\x1b]0;owned\x07 <script>alert(1)</script> \u202e``` [x](javascript:1) | \x1b[31m"


def one(label: str, probability: float, text: str | None = None) -> dict[str, Any]:
    evidence = [] if text is None else [{"line": 7, "text": text}]
    return {"code": "crash", "label": label, "probability": probability, "evidence": evidence}


def diagnosis(text: str = "RuntimeError: boom", **changes: Any) -> dict[str, Any]:
    return {
        "abstained": False,
        "abstained_because": None,
        "symptoms": [one("Crash - Other", 0.8, text), one("Hang", 0.05)],
        "causes": [one("Environment - X", 0.5, text), one("Hardware - Y", 0.3)],
        "stages": [one("Inference", 0.9, text)],
        "entry": "some-entry",
        "entries": [
            {
                "id": "some-entry",
                "title": "Something is known",
                "decides": True,
                "is_consequence": False,
                "evidence": [],
            },
            {
                "id": "what-came-later",
                "title": "The others gave up",
                "decides": True,
                "is_consequence": True,
                "evidence": [],
            },
        ],
        "evidence": [{"line": 7, "text": text}],
        "remedies": [
            {
                "entry": "some-entry",
                "title": "Something is known",
                "fix": "1. Run `this`.\n\n    cmd",
            }
        ],
        "similar": [
            {
                "id": "case",
                "url": "https://github.com/acme/engine/issues/1",
                "title": text,
                "similarity": 0.4,
                "outcome": "resolved",
                "resolution": "It went away.",
            }
        ],
        "questions": [],
    } | changes


def test_text_says_what_why_when_with_proof_and_fix() -> None:
    told = as_text(diagnosis())
    assert re.search(r"What failed +80%  Crash - Other\n", told)
    assert "Hang" not in told
    assert "line 7  RuntimeError: boom" in told
    assert "    cmd" in told
    assert "firstmile explain some-entry" in told
    assert "What followed from it\n  The others gave up" in told


@pytest.mark.parametrize("render", [as_text, as_markdown, lambda data: as_page(data, title="x")])
def test_certainty_is_never_claimed(render: Any) -> None:
    told = render(diagnosis(stages=[one("Inference", 0.9996)]))
    assert "99%" in told
    assert not re.search(r"[ >]100%", told.replace("width: 100%", ""))


def test_an_abstention_says_so_first_and_asks() -> None:
    asked = [{"what": "The whole output", "command": "firstmile run -- CMD"}]
    data = diagnosis(abstained=True, abstained_because="nothing is known", questions=asked)
    for told in (as_text(data), as_markdown(data), as_page(data, title="x")):
        assert "No answer" in told.split("Crash")[0]
        assert "firstmile run -- CMD" in told


def test_where_nothing_failed_no_failure_is_called_the_likeliest() -> None:
    data = diagnosis(
        abstained=True, abstained_because="the input is empty", nothing_failed=True, entries=[]
    )
    for told in (as_text(data), as_markdown(data), as_page(data, title="x")):
        assert "the input is empty" in told
        assert not re.search("likeliest|Crash|Hang|What failed|Proof|%.*Inference", told)


def test_many_lines_of_proof_are_counted() -> None:
    evidence = [{"line": n, "text": "again", "file": "rank0.log"} for n in range(40)]
    told = as_text(diagnosis(evidence=evidence))
    assert "rank0.log line 3  again" in told
    assert "and 28 more lines" in told


@pytest.mark.parametrize("render", [as_text, as_markdown])
def test_nothing_hostile_acts_in_a_terminal(render: Any) -> None:
    told = render(diagnosis(HOSTILE))
    assert not set(told) & {"\x1b", "\x07", "\u202e"}


def test_nothing_hostile_leaves_its_block_in_markdown() -> None:
    told = as_markdown(diagnosis(HOSTILE))
    fence = re.search(r"^(`{4,})$", told, re.MULTILINE)
    assert fence is not None
    inside = told.split(fence[1])[1]
    assert "<script>" in inside
    assert "<script>" not in told.replace(inside, "")


def test_nothing_hostile_becomes_part_of_the_page() -> None:
    told = as_page(diagnosis(HOSTILE), title=HOSTILE)
    assert "<script" not in told
    assert "default-src 'none'" in told
    assert "\x1b" not in told


def test_a_case_with_a_strange_address_is_no_link() -> None:
    data = diagnosis()
    data["similar"][0]["url"] = "javascript:alert(1)"
    assert "javascript" not in as_page(data, title="x")


def test_text_markdown_and_page_say_the_same() -> None:
    asked = [{"what": "The whole output", "command": "firstmile run -- CMD"}]
    data = diagnosis(questions=asked)
    for told in (as_text(data), as_markdown(data), as_page(data, title="x")):
        for part in (
            "Crash - Other",
            "Something is known",
            "firstmile explain some-entry",
            "What followed from it",
            "The others gave up",
            "resolved",
            "It went away.",
            "The whole output",
        ):
            assert part in told


def test_what_is_not_certain_is_said_to_be_so_everywhere() -> None:
    data = diagnosis()
    for told in (as_text(data), as_markdown(data), as_page(data, title="x")):
        assert "Known failure" in told
        assert "Perhaps" not in told
    data["entries"][0]["decides"] = False
    for told in (as_text(data), as_markdown(data), as_page(data, title="x")):
        assert "Perhaps" in told
        assert "Known failure" not in told


def test_two_that_are_as_likely_as_each_other_could_be_either() -> None:
    data = diagnosis(stages=[one("Inference", 0.504), one("Fine-tuning", 0.496)])
    for told in (as_text(data), as_markdown(data), as_page(data, title="x")):
        assert "Inference or Fine-tuning: it could be either" in told
    apart = as_text(diagnosis(stages=[one("Inference", 0.6), one("Fine-tuning", 0.4)]))
    assert "either" not in apart


@pytest.mark.parametrize("width", [60, 80, 100])
def test_text_fits_the_terminal(width: int) -> None:
    data = diagnosis("RuntimeError: " + "a word and " * 40)
    data["remedies"][0] |= {"title": "A title " * 20, "fix": "What to do, in words. " * 20}
    data["symptoms"][0]["label"] = "A label " * 20
    told = as_text(data, width=width)
    assert all(len(line) <= width for line in told.split("\n"))


def test_a_secret_in_a_line_that_is_cut_is_shown_whole_or_not_at_all() -> None:
    secret = "hf_" + "aBcDeFgHiJ" * 3 + "aBcD"
    for before in range(30, 100):
        line = f"{'x' * before} token={secret} {'y' * 60}"
        told = as_text(diagnosis(line, similar=[]), width=80)
        assert "hf_a" not in told


def test_a_kept_diagnosis_says_what_it_is_of_and_from_when() -> None:
    kept = {"source": "run.log", "at": "2026-01-02 03:04"}
    for told in (
        as_text(diagnosis(kept=kept)),
        as_markdown(diagnosis(kept=kept)),
        as_page(diagnosis(kept=kept), title="x"),
    ):
        assert "Diagnosis of run.log, 2026-01-02 03:04" in told


def test_a_long_line_of_proof_loses_folders_before_words() -> None:
    warning = (
        "/usr/local/lib/python3.10/site-packages/torch/cuda/__init__.py:129: UserWarning: CUDA "
        "initialization: The NVIDIA driver on your system is too old (found version 11040). "
        "Please update your GPU driver"
    )
    told = as_text(diagnosis(warning, similar=[]), width=100)
    assert "  line 7  /usr/…/__init__.py:129: UserWarning: CUDA initialization: The NVIDIA" in told
    assert "is too old (found version 11040). Please update your GPU driver" in " ".join(
        told.split()
    )
    shown = as_text(diagnosis("say " * 200, similar=[]), width=100)
    assert " … " in shown
    rows = shown.partition("Proof\n")[2].partition("\n\n")[0].split("\n")
    assert len(rows) == 2
    link = "see https://huggingface.co/meta/llama/resolve/main/config.json " + "a " * 60
    assert "co/meta/llama/resolve/main" in as_text(diagnosis(link, similar=[]), width=100)
