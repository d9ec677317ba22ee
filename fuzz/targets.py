"""Targets: each takes any bytes, and raises AssertionError where the answer is not sound."""

import json
import re
from collections.abc import Callable, Sequence
from functools import cache
from html.parser import HTMLParser
from typing import Any, Final

import re2

from firstmile.diagnose.classifier import load_classifier
from firstmile.diagnose.hypotheses import GROUNDED, plain
from firstmile.diagnose.judging import Diagnoser, diagnose_text
from firstmile.diagnose.raised import find_raised
from firstmile.diagnose.reading import LONGEST_LINE, Line, read_lines
from firstmile.errors import UserError
from firstmile.knowledge.cases import load_case
from firstmile.knowledge.entries import load_entries, read_entry
from firstmile.knowledge.matching import Signatures, encoded
from firstmile.rendering.diagnosis import as_markdown, as_page, as_text
from firstmile.ui.batch import answers

Target = Callable[[bytes], None]

_ACTS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What a terminal obeys or what turns the direction of a line."""
_TAGS: Final = frozenset(
    (
        *("html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "h4", "h5", "h6"),
        *("table", "thead", "tbody", "tr", "th", "td", "p", "strong", "em", "pre", "code", "ul"),
        *("ol", "li", "a", "hr", "br", "blockquote", "img"),
    )
)


def read(data: bytes) -> None:
    """Lines keep their numbers, and nothing that a terminal obeys is left in them."""
    text = _text(data)
    lines = tuple(read_lines(text))
    assert len(lines) == text.count("\n") + (not text.endswith("\n") and text != "")
    for number, line in enumerate(lines, start=1):
        assert line.number == number
        assert len(line.text) <= LONGEST_LINE
        assert line.text.endswith(line.body)
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", line.text)


def find(data: bytes) -> None:
    """Exceptions lie within the text, and each follows one that stands before it."""
    lines = tuple(read_lines(_text(data)))
    for place, one in enumerate(find_raised(lines)):
        assert 0 <= one.first <= one.last < len(lines)
        assert one.follows is None or one.follows < place
        assert one.name
        assert not one.type.endswith("Warning")


def meet(data: bytes) -> None:
    """A signature that counts is met by the lines that are named, and by no others."""
    lines = [line.text for line in read_lines(_text(data))]
    for hit in _signatures().hits(lines):
        assert list(hit.lines) == sorted(set(hit.lines))
        compiled = re2.compile(hit.signature.pattern)
        met = [n for n, line in enumerate(lines) if compiled.search(encoded(line)) is not None]
        assert list(hit.lines) == met, hit.signature.pattern


def diagnose(data: bytes) -> None:
    """Probabilities are such, what is likely is proven by the input, and no format breaks."""
    text = _text(data)
    found = diagnose_text(text)
    told = plain(found)
    _sound(told, tuple(read_lines(text)))
    _shown(told)


def read_private_entry(data: bytes) -> None:
    """An entry of one's own is read, or refused as a user's error; then it can be used."""
    text = _text(data)
    try:
        entry = read_entry("mine", text)
        judge = Diagnoser((entry,), load_classifier(), load_case)
    except UserError:
        return
    for sample in (*entry.match[:2], *entry.no_match[:2], entry.title):
        lines = tuple(read_lines(sample))
        told = plain(judge.diagnose(lines))
        _sound(told, lines)
        _shown(told)


def answer(data: bytes) -> None:
    """Every line of a batch that is not blank gets one line of JSON, which can be written."""
    lines = data.split(b"\n")[:8]
    told = list(answers(lines, None))
    assert len(told) == sum(bool(line.strip()) for line in lines)
    for one in told:
        assert "\n" not in one
        one.encode("utf-8")
        assert ("error" in json.loads(one)) is ("symptoms" not in json.loads(one))


def show(data: bytes) -> None:
    """Whatever the evidence says, no format lets it act."""
    text = _text(data)
    told: dict[str, Any] = json.loads(_an_answer())
    parts = text.split("\n")
    for place, one in enumerate((*told["evidence"], *_evidence_of(told))):
        one["text"] = parts[place % len(parts)]
        one["file"] = parts[(place + 1) % len(parts)]
    _shown(told)


TARGETS: Final[dict[str, Target]] = {
    "read": read,
    "find": find,
    "meet": meet,
    "diagnose": diagnose,
    "entry": read_private_entry,
    "batch": answer,
    "show": show,
}
"""All targets by name."""


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


@cache
def _signatures() -> Signatures:
    return Signatures(load_entries())


@cache
def _an_answer() -> str:
    log = (
        "Traceback (most recent call last):\n"
        '  File "run.py", line 3, in <module>\n'
        "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB\n"
    )
    return json.dumps(plain(diagnose_text(log)))


def _evidence_of(told: dict[str, Any]) -> list[dict[str, Any]]:
    hypotheses = [*told["symptoms"], *told["causes"], *told["stages"], *told["entries"]]
    return [line for one in hypotheses for line in one["evidence"]]


def _sound(told: dict[str, Any], lines: Sequence[Line]) -> None:
    by_number = {line.number: line.text for line in lines}
    for line in (*told["evidence"], *_evidence_of(told)):
        quoted = line["text"].removesuffix("…")
        assert quoted in by_number[line["line"]]
    for ranked in (*told["classes"].values(), told["stages"]):
        chances = [one["probability"] for one in ranked]
        assert all(0 <= chance <= 1 for chance in chances)
        assert abs(sum(chances) - 1) < 0.01
        assert chances == sorted(chances, reverse=True)
        assert chances[0] <= GROUNDED + 1e-3 or ranked[0]["evidence"]
    if not told["abstained"]:
        assert any(line.text.strip() for line in lines)


def _shown(told: dict[str, Any]) -> None:
    """Write an answer in every format, and look for what would act."""
    for written in (as_text(told), as_markdown(told)):
        assert not _ACTS.search(written), _ACTS.search(written)
        written.encode("utf-8")
    page = as_page(told, title="Diagnosis")
    page.encode("utf-8")
    assert not _ACTS.search(page)
    _Tags().feed(page)
    json.dumps(told, ensure_ascii=False).encode("utf-8")


class _Tags(HTMLParser):
    """Refuses every element and attribute that the page has not of itself."""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Refuse a tag that acts."""
        assert tag in _TAGS, tag
        for name, value in attributes:
            assert not name.startswith("on"), name
            if name in ("href", "src"):
                assert not (value or "").strip().lower().startswith(("javascript:", "data:text"))
