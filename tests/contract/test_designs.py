"""The studies that come along can be started as they are."""

import json
import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from firstmile.study.design import (
    Design,
    LabelTable,
    PublishTable,
    Rater,
    ScreenTable,
    StudyTable,
    parse_design,
    ready_design,
    ready_designs,
)
from firstmile.study.reading.links import RENAMED
from firstmile.study.stated import PaceTable
from firstmile.taxonomy import load_taxonomy

READY = ("blank", "closed-sdks", "engines", "published")
every_design = pytest.mark.parametrize("name", READY)

REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")
OPTION = re.compile(r"# (\[\[?\w+\]\]?|\w+ = .+)")
"""A commented line of blank.toml that is an option or the head of a table."""


def parsed(name: str) -> Design:
    return parse_design(tomllib.loads(ready_design(name)), f"{name}.toml")


def repositories(name: str) -> list[str]:
    return [one for source in parsed(name).sources for one in source.options["repositories"]]


def test_these_studies_come_along_and_no_others() -> None:
    assert set(ready_designs()) == set(READY)
    assert ready_designs()[0] == "blank"


@every_design
def test_a_ready_study_parses_and_has_two_people_who_label(name: str) -> None:
    design = parsed(name)
    assert len(design.people()) >= 2
    assert design.labellers() == design.people()
    assert [source.kind for source in design.sources] == ["github"]
    assert not design.publish.text
    assert not design.label.suggestions


@every_design
def test_a_ready_study_opens_with_what_it_is(name: str) -> None:
    assert ready_design(name).startswith("# ")


@pytest.mark.parametrize("name", [name for name in READY if name != "blank"])
def test_repositories_are_owner_and_name_each_once_in_order(name: str) -> None:
    names = repositories(name)
    assert all(REPOSITORY.fullmatch(one) for one in names)
    assert names == sorted(set(names), key=str.casefold)
    assert parsed(name).study.question


def test_blank_shows_every_option() -> None:
    text = ready_design("blank")
    for table in (StudyTable, ScreenTable, LabelTable, PublishTable, PaceTable, Rater):
        for key in table.__struct_fields__:
            assert re.search(rf"^(# )?{key} = ", text, re.MULTILINE), f"{table.__name__}.{key}"


def test_what_blank_shows_in_comments_are_the_defaults() -> None:
    shown = [
        line[2:] if OPTION.fullmatch(line) else line
        for line in ready_design("blank").splitlines()
        if "organization" not in line
    ]
    design, defaults = parse_design(tomllib.loads("\n".join(shown)), "blank.toml"), parsed("blank")
    assert design.study.seed == StudyTable(name="").seed
    assert design.study.since is not None
    assert design.publish == defaults.publish
    assert design.screeners() == defaults.screeners()
    assert design.verifiers() == defaults.verifiers()
    assert design.adjudicators() == defaults.adjudicators()
    for table in ("screen", "label", "seconds_an_issue"):
        given, usual = (
            msgspec.structs.replace(
                getattr(one, table),
                **dict.fromkeys(
                    {"raters", "verifiers", "adjudicators"}
                    & set(getattr(one, table).__struct_fields__),
                    (),
                ),
            )
            for one in (design, defaults)
        )
        assert given == usual
    assert design.rater("assistant").ceiling


def test_the_published_study_has_the_fourteen_repositories_under_their_present_names(
    data_folder: Path,
) -> None:
    links = (
        row["link"]
        for file in (data_folder / "open-llm-failures").rglob("*.json")
        for row in json.loads(file.read_text(encoding="utf-8"))
    )
    linked = {"/".join(link.split("/")[3:5]) for link in links}
    today = {RENAMED.get(name, name) for name in linked}
    assert len(today) == 14
    assert set(repositories("published")) == today


def test_the_engines_are_the_four_named_ones() -> None:
    assert repositories("engines") == [
        "ggml-org/llama.cpp",
        "ollama/ollama",
        "sgl-project/sglang",
        "vllm-project/vllm",
    ]


def test_terms_are_marked_for_the_ecosystem_of_the_closed_sdks_and_for_no_other() -> None:
    marked = {one for term in load_taxonomy().terms for one in term.not_applicable}
    assert marked == {parsed("closed-sdks").study.ecosystem}
    assert {parsed(name).study.ecosystem for name in READY if name != "closed-sdks"} == {""}
