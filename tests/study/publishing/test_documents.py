"""The documents say what is known, and say what is not."""

import json
import re
from datetime import date

import pytest

from firstmile.study.licensing import license_of
from firstmile.study.stated import DatasheetTable
from publishing.samples import row
from publishing.written import documents


def test_the_card_shows_every_figure_of_the_funnel() -> None:
    card = documents()["README.md"]
    assert "| Keyword screen |  | 1,200 | 1,100 | 0 | 100 |" in card
    assert "| Reviewer screen | question |  | 60 |  |  |" in card


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


def test_rows_of_one_repository_are_said_to_be_that() -> None:
    alone = documents(rows=(row(1), row(2)), decisions=())["README.md"]
    assert "All rows are of owner/name, so they say nothing of other projects." in alone
    assert "owner/name alone accounts for 3 of 5 rows (60%)" in documents()["README.md"]


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
