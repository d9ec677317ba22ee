"""The documents say what is known, say what is not, and nothing from outside acts in them."""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from firstmile.rendering.inert import visible
from firstmile.study.licensing import license_of
from firstmile.study.publishing import (
    DecidedBy,
    FunnelFacts,
    RaterFacts,
    ThreadFacts,
    published_files,
)
from firstmile.study.stated import DatasheetTable
from publishing.samples import LINES, NASTY, dataset, decision, row

PAGES = ("README.md", "DATASHEET.md", "PRIVACY.md", "CODEBOOK.md")
READER = MarkdownIt("gfm-like", {"html": True, "linkify": False})

FRONT = re.compile(
    r'(?:  ){0,4}(?:- )?(?:[a-z_]+:(?: (?:[a-z0-9.-]+|"(?:[^"\\]|\\.)*"))?'
    r'|[a-z0-9.-]+|"(?:[^"\\]|\\.)*")'
)
"""A line of the front matter: a key, an item, a plain word or a double-quoted scalar."""


def documents(**changes: Any) -> dict[str, str]:
    files = published_files(dataset(**changes))
    return {name: data.decode() for name, data in files.items() if not name.endswith(".parquet")}


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


def test_the_card_shows_every_figure_of_the_funnel() -> None:
    card = documents()["README.md"]
    assert "| Keyword screen |  | 1,200 | 1,100 | 0 | 100 |" in card
    assert "| Reviewer screen | question |  | 60 |  |  |" in card


def test_the_card_shows_agreement_and_screening() -> None:
    card = documents(
        screening={"recall_at_least": 0.913, "missed_estimate": 1.0, "missed_at_most": 2.5},
        screening_said=("At most 3 were missed.",),
    )["README.md"]
    assert "| first, cause | Gwet's AC1 0.500 \\[0.200, 0.800\\] |" in card
    assert (
        "| all | recall, at least: 0.913; missed failures, estimated: 1; missed failures, at "
        "most: 2.5 |" in card
    )
    assert "- At most 3 were missed." in card
    assert "How many failures the screen missed is not known" not in card
    assert "How many failures the screen missed is not known" in documents()["README.md"]


def test_a_long_list_of_figures_is_cut_on_the_card_and_whole_beside_it() -> None:
    figures = {f"number {n}": {"kappa": n / 1000} for n in range(300)}
    found = documents(agreement=figures)
    assert "100 more rows are in agreement.json." in found["README.md"]
    assert len(json.loads(found["agreement.json"])) == 300


def test_what_nobody_stated_is_listed_in_one_place_and_not_made_up() -> None:
    bare = documents(
        question="", authors=(), contact="", collected=None, funnel=(), decisions=(), raters=(),
        agreement={}, redactions={}, rows=(row(1, created=None),), url="", license="",
    )  # fmt: skip
    sheet = bare["DATASHEET.md"]
    answered, missing = sheet.split("## Not stated\n")
    for question in ("Purpose", "Creators", "Funding", "Ethical review", "Who maintains it"):
        assert f"- {question}\n" in missing
        assert f"### {question}\n" not in answered
    assert "not stated" not in answered.lower().replace("under not stated.", "")
    assert "neither told nor asked" not in sheet
    assert bare["README.md"].count("Funding") == 1
    assert "## Not stated\n\nPurpose, Creators, Funding, " in bare["README.md"]
    assert "When the issues were collected is not known." in sheet
    assert "Who labelled is not known." in bare["README.md"]
    assert 'name: "The authors are not stated"' in bare["CITATION.cff"]
    assert bare["LICENSE"].startswith("No license is stated")
    assert "license: other" in bare["README.md"]


def test_the_datasheet_has_all_groups_of_the_paper() -> None:
    sheet = documents()["DATASHEET.md"]
    assert re.findall(r"^## (.*)$", sheet, re.MULTILINE) == [
        "Motivation",
        "Composition",
        "Collection",
        "Preparation and labelling",
        "Uses",
        "Distribution",
        "Maintenance",
        "Not stated",
    ]
    missing = sheet.split("## Not stated\n")[1].count("- ")
    assert missing == 11
    assert len(re.findall(r"^### ", sheet, re.MULTILINE)) + missing >= 45
    assert "\n\n\n" not in sheet


def test_what_is_stated_is_answered_on_sheet_card_and_citation() -> None:
    keys = DatasheetTable.__struct_fields__
    stated = DatasheetTable(**{key: f"Our word on {key.replace('_', ' ')}" for key in keys})
    found = documents(stated=stated)
    sheet, card = found["DATASHEET.md"], found["README.md"]
    assert "Not stated" not in sheet.split("## Motivation")[1]
    assert "## Not stated" not in card
    for key in keys:
        words = f"Our word on {key.replace('_', ' ')}."
        assert words in (card if key == "citation" else sheet), key
    for key in ("funding", "raters", "payment", "ethics", "consent", "maintenance"):
        assert f"Our word on {key}." in card
    assert "please cite: Our word on citation" in found["CITATION.cff"]
    assert json.loads(found["publication.json"])["datasheet"]["payment"] == "Our word on payment"


def test_the_privacy_statement_says_that_links_identify_authors_and_what_was_taken_out() -> None:
    page = documents()["PRIVACY.md"]
    assert "a link still identifies an author" in page
    assert "the key is not published" in page
    assert "- email: 12\n- secret: 3\n" in page


def test_names_of_accounts_are_told_from_what_was_taken_out() -> None:
    found = documents(redactions={"account": 120, "mention": 40, "profile": 9, "email": 2})
    for name in ("README.md", "PRIVACY.md", "DATASHEET.md", "croissant.json"):
        said = found[name]
        assert "169 names of accounts were replaced by pseudonyms" in said, name
        assert "2 passages were taken out of the texts by redaction rules 1 (email 2)" in said, name
    page = found["PRIVACY.md"]
    assert "- email: 2\n" in page.split("## What was taken out of the texts")[1]
    assert "- account: 120\n- mention: 40\n- profile: 9\n" in page
    names = documents(redactions={"account": 169})
    assert "169 passages" not in names["README.md"]
    assert "redaction rules 1 found nothing to take out of the texts" in names["README.md"]
    assert "No passage was taken out." in names["PRIVACY.md"]


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


def test_text_is_spoken_of_as_it_is() -> None:
    without, included = documents(), documents(text=True)
    assert "No text of an issue is included" in without["LICENSE"]
    assert "Titles and quoted lines are their authors'" in included["LICENSE"]
    assert "quotes and raters' notes are left out" in without["PRIVACY.md"]
    assert "Titles, quoted lines and raters' notes are included" in included["PRIVACY.md"]


@pytest.mark.parametrize(
    ("written", "spdx", "hub", "address"),
    [
        ("CC-BY-4.0", "CC-BY-4.0", "cc-by-4.0", "https://creativecommons.org/licenses/by/4.0/"),
        ("cc0-1.0", "CC0-1.0", "cc0-1.0", "https://spdx.org/licenses/CC0-1.0.html"),
        ("https://example.org/terms", None, None, "https://example.org/terms"),
        ("cc-by-3.0", "CC-BY-3.0", None, "https://spdx.org/licenses/CC-BY-3.0.html"),
        ("LicenseRef-ours", None, None, None),
        ("MIT OR Apache-2.0", None, None, None),
        ("our own terms", None, None, None),
    ],
)
def test_licenses_are_known_by_their_identifier(
    written: str, spdx: str | None, hub: str | None, address: str | None
) -> None:
    found = license_of(written)
    assert (found.spdx, found.hub, found.url) == (spdx, hub, address)


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


def section(page: str, heading: str) -> str:
    """Return a section of a page on one line."""
    return " ".join(page.split(f"## {heading}\n")[1].split("\n## ")[0].split())


LABELLED = "How it was labelled"


def test_one_rater_is_not_spoken_of_as_several() -> None:
    files = documents(
        rows=(row(1, decided_by=DecidedBy.SINGLE), row(2, decided_by=DecidedBy.SINGLE)),
        decisions=(decision(1, 1, "rater-1"), decision(2, 2, "rater-1")),
        raters=(RaterFacts(name="rater-1"),),
    )
    said = section(files["README.md"], LABELLED)
    assert said.startswith("The rater read title, description and all comments and gave one")
    assert "how reliable they are is not known" in said
    assert "No issue was labelled by two raters, so how far raters agree is not known." in said
    assert "in labelling 1 person." in said
    assert "| of | figures |" not in said
    for word in ("each other", "disagree", "adjudicat", "all raters"):
        assert word not in said, word
    assert "Study of how raters agree" not in files["README.md"]
    assert "each other" not in json.loads(files["croissant.json"])["rai:dataAnnotationProtocol"]


def test_two_raters_who_agree_need_no_adjudicator() -> None:
    made = (decision(1, 1, "rater-1"), decision(2, 1, "rater-2"))
    people = (RaterFacts(name="rater-1"), RaterFacts(name="rater-2"))
    said = section(documents(rows=(row(1),), decisions=made, raters=people)["README.md"], LABELLED)
    assert "Each rater read title, description and all comments" in said
    assert "they did not see each other's labels" in said
    assert "1 on which all raters agreed" in said
    assert "in labelling 2 people." in said
    assert "an adjudicator" not in said
    judged = section(documents()["README.md"], LABELLED)
    assert "Where raters disagreed, an adjudicator saw all labels and decided." in judged
    assert "in adjudication 1 person." in judged


def test_a_model_is_said_to_have_read_a_part_of_long_threads() -> None:
    said = section(documents()["README.md"], LABELLED)
    assert "(a language model: of a long thread the beginning and the end)" in said
    assert "in labelling 1 person and 1 language model (some-model);" in said


def test_whether_imported_labels_are_blind_is_not_known() -> None:
    mine = decision(1, 1, "rater-1")
    theirs = decision(2, 1, "rater-2", explanation="imported from csv")
    said = section(documents(rows=(row(1),), decisions=(mine, theirs))["README.md"], LABELLED)
    assert "1 label was imported from files; whether raters saw each other's" in said
    only = documents(rows=(row(1),), decisions=(theirs,))["README.md"]
    assert "On the study's pages" not in section(only, LABELLED)


def test_comments_that_were_only_counted_are_not_said_to_have_been_read() -> None:
    files = documents(threads=ThreadFacts(issues=3, missing=7, bare=2))
    said = section(files["README.md"], LABELLED)
    assert "those comments that the study has" in said
    assert "(of 3 issues the source only counted 7 comments, of 2 of them all)" in said
    for name in ("README.md", "DATASHEET.md", "croissant.json"):
        assert "all comments" not in files[name], name
        assert "whole thread" not in files[name], name
        assert "For 3 of 5 rows the source only counted comments (7 in all)" in files[name], name
    assert json.loads(files["publication.json"])["missing_comments"] == {
        "issues": 3,
        "comments": 7,
    }
    assert "only counted" not in documents()["README.md"]
    bare = documents(threads=ThreadFacts(issues=5, missing=9, bare=5))
    said = section(bare["README.md"], LABELLED)
    assert "read title and description (the source only counted the 9 comments, and" in said


def test_rows_of_one_repository_are_said_to_be_that() -> None:
    alone = documents(rows=(row(1), row(2)), decisions=())["README.md"]
    assert "All rows are of owner/name, so they say nothing of other projects." in alone
    assert "owner/name alone accounts for 3 of 5 rows (60%)" in documents()["README.md"]


def test_the_confidence_of_the_intervals_is_no_figure_of_agreement() -> None:
    figures = {"first": {"confidence": 0.95, "axes": [{"axis": "cause", "kappa": 0.5}]}}
    card = documents(agreement=figures)["README.md"]
    assert "| first, cause | Cohen's kappa 0.500 |" in card
    assert "| first | confidence" not in card


def test_a_study_that_is_not_finished_says_so_on_top_and_in_the_metadata() -> None:
    waiting = {"to screen": 5, "to label": 1, "to adjudicate": 2}
    files = documents(waiting=waiting)
    words = (
        "The study is not finished: 8 issues wait (5 to be screened, 1 to be labelled and 2 to be "
        "adjudicated), so rows are missing and shares may change."
    )
    assert f"\n**{words}**\n" in files["README.md"].split("## Files")[0]
    for name in ("DATASHEET.md", "croissant.json"):
        assert words in files[name], name
    assert json.loads(files["publication.json"])["waiting"] == waiting
    assert "not finished" not in documents()["README.md"]
    alone = documents(waiting={"to screen": 1_413})["README.md"]
    assert "finished: 1,413 issues wait to be screened, so rows are missing" in alone


def test_the_citation_names_version_day_and_address() -> None:
    said = documents()["README.md"].split("## How to cite\n")[1]
    assert said.split("    @misc{a-small-study,\n")[1].split("    }\n")[0] == (
        "      title = {{A small study}},\n"
        "      author = {{Ada Example} and {Ben Example}},\n"
        "      year = {2026},\n"
        "      version = {1.0.0},\n"
        "      note = {Data set, version 1.0.0, published on 2026-04-01},\n"
        "      url = {https://example.org/small},\n"
    )


def test_the_days_of_collecting_are_said() -> None:
    day = date(2026, 2, 1)
    assert (
        "The issues were collected on 2026-02-01." in documents(collected=(day, day))["README.md"]
    )


@pytest.mark.parametrize("text", [True, False])
def test_persons_are_told_that_names_in_prose_stay(*, text: bool) -> None:
    for name in ("PRIVACY.md", "README.md", "DATASHEET.md"):
        said = " ".join(documents(text=text)[name].split())
        assert "Names of persons in prose" in said, name
        assert "are not recognized" in said, name


def test_without_a_contact_nobody_is_sent_to_one() -> None:
    for text in (True, False):
        page = documents(text=text, contact="")["PRIVACY.md"]
        assert "the contact" not in page
        assert "No contact is stated: ask those who published this data set" in page
    assert "Write to the contact (the maintainers of example.org)" in documents()["PRIVACY.md"]
    assert "to the contact" in documents(text=True)["PRIVACY.md"]
