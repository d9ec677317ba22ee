"""Nothing from outside acts in a document."""

import csv
import io
import json
import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from firstmile.rendering.inert import visible
from firstmile.study.publishing import FunnelFacts
from firstmile.study.stated import DatasheetTable
from publishing.samples import LINES, NASTY, decision, row
from publishing.written import documents

PAGES = ("README.md", "DATASHEET.md", "PRIVACY.md", "CODEBOOK.md")
READER = MarkdownIt("gfm-like", {"html": True, "linkify": False})

FRONT = re.compile(
    r'(?:  ){0,4}(?:- )?(?:[a-z_]+:(?: (?:[a-z0-9.-]+|"(?:[^"\\]|\\.)*"))?'
    r'|[a-z0-9.-]+|"(?:[^"\\]|\\.)*")'
)
"""A line of the front matter: a key, an item, a plain word or a double-quoted scalar."""


def hostile(text: str) -> dict[str, str]:
    return documents(
        name=text,
        question=text,
        authors=(text,),
        contact=text,
        license=text,
        ecosystem=text,
        stated=DatasheetTable(**dict.fromkeys(DatasheetTable.__struct_fields__, text)),
        rows=(row(1, title=text, quote=text, version=text, architecture=text),),
        decisions=(decision(1, 1, "rater-1", note=text, explanation=text, quote=text),),
        funnel=(FunnelFacts(name=text, entered=2, left=1, waiting=0, passed=1, reasons={text: 1}),),
        agreement={text: {"kappa": 0.5}},
        agreement_said=(text,),
        screening={text: {text: 0.25}},
        screening_said=(text,),
        redactions={text: 1},
        text=True,
    )


def tokens(text: str) -> Iterator[Token]:
    for token in READER.parse(text):
        yield token
        yield from token.children or ()


def front_matter(card: str) -> list[str]:
    _, front, _ = card.split("---\n", 2)
    return front.splitlines()


@pytest.mark.parametrize("text", [NASTY, LINES])
@pytest.mark.parametrize("page", PAGES)
def test_nothing_from_outside_acts_in_a_page(page: str, text: str) -> None:
    body = hostile(text)[page].split("---\n", 2)[-1] if page == "README.md" else hostile(text)[page]
    kinds = {token.type for token in tokens(body)}
    assert not kinds & {"html_block", "html_inline", "image", "fence", "hr"}
    links = {str(t.attrs.get("href")) for t in tokens(body) if t.type == "link_open"}
    assert links <= {"https://creativecommons.org/licenses/by/4.0/"}
    assert all(c == "\n" or visible(c) == c for c in body)


@pytest.mark.parametrize("text", [NASTY, LINES])
def test_front_matter_stays_what_it_is(text: str) -> None:
    lines = front_matter(hostile(text)["README.md"])
    assert all(FRONT.fullmatch(line) for line in lines), lines
    assert lines[1] == "license: other"
    assert lines.count("configs:") == 1
    assert json.loads(lines[0].removeprefix("pretty_name: ")) == visible(text)


@pytest.mark.parametrize("text", [NASTY, LINES, '"\ntype: software'])
def test_the_citation_file_keeps_its_keys(text: str) -> None:
    lines = hostile(text)["CITATION.cff"].splitlines()
    keys = [line.split(":")[0] for line in lines if not line.startswith(" ")]
    assert keys == [
        "cff-version",
        "message",
        "type",
        "title",
        "version",
        "date-released",
        "authors",
        "url",
    ]
    assert lines[2] == "type: dataset"


def test_a_spreadsheet_runs_nothing_of_the_funnel() -> None:
    text = '=HYPERLINK("http://evil.example")'
    cells = [cell for line in csv.reader(io.StringIO(hostile(text)["funnel.csv"])) for cell in line]
    assert f"'{text}" in cells
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)


def test_hostile_words_come_back_from_the_data_in_visible_form() -> None:
    found = json.loads(hostile(NASTY)["failures.jsonl"])
    assert found["title"] == visible(NASTY)
    assert found["version"] == visible(NASTY)


def test_addresses_in_the_datasheet_can_be_copied() -> None:
    sheet = documents()["DATASHEET.md"]
    assert "<https://creativecommons.org/licenses/by/4.0/>" in sheet
    assert "`https://example.org/small`" in sheet
    own = documents(license="https://example.org/terms")
    assert "`https://example.org/terms`" in own["DATASHEET.md"]
    assert "`https://example.org/terms`" in own["README.md"]


@pytest.mark.parametrize("address", ["https://x.example/`a`", "https://x.example/<b>|c"])
def test_an_address_that_would_act_is_spelled_out(address: str) -> None:
    for page in ("README.md", "DATASHEET.md"):
        body = documents(license=address, url="https://x.example/`")[page].split("---\n")[-1]
        assert not [t for t in tokens(body) if t.type in ("html_inline", "link_open")]
        assert address not in body


def test_the_bibtex_entry_cannot_be_left() -> None:
    card = documents(name="A } study {\\x", authors=("B } C",), url="https://x.example/}{")
    entry = "    @misc" + card["README.md"].split("    @misc")[1].split("\n\n")[0].rstrip()
    assert all(line.startswith("    ") for line in entry.splitlines())
    depths, depth = [], 0
    for before, character in pairwise(entry):
        if character in "{}" and before != "\\":
            depth += 1 if character == "{" else -1
            depths.append(depth)
    assert depths[-1] == 0
    assert min(depths[:-1]) == 1
    assert "%7D%7B" in entry
