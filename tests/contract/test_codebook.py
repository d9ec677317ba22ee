"""The packaged codebook and initiatives against the published set and against themselves."""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from firstmile.taxonomy import Axis, Term, load_taxonomy
from firstmile.taxonomy.industry import CauseInitiatives, load_initiatives
from held_out import HELD_OUT, ISSUE_REFERENCE, ISSUE_URL, held_out_and_even

FIELDS = {Axis.SYMPTOM: "SYMPTOM", Axis.CAUSE: "ROOT CAUSE", Axis.STAGE: "STAGE"}
LEAVES = {Axis.SYMPTOM: 37, Axis.CAUSE: 26, Axis.STAGE: 2}
CLASSES = {Axis.SYMPTOM: 5, Axis.CAUSE: 9, Axis.STAGE: 2}

MISSPELT_IN_THE_SET = {
    "Environment Compatibility Issues - Architecture Compatibility": (
        "Environment Compatibility Issues - System Architecture Compatibility"
    )
}

CONFUSED_PAIRS = [
    ("loading", "crash"),
    ("environment", "computation"),
    ("environment", "configuration"),
    ("configuration", "tokenizer"),
    ("hardware", "configuration"),
    ("distributed", "configuration"),
    ("incorrect/generation/meaningless", "incorrect/generation/repetitive"),
    ("incorrect/generation/meaningless", "incorrect/generation/special-token"),
    ("incorrect/generation/repetitive", "incorrect/generation/special-token"),
]

STAGE_IN_THE_NAME = {
    "configuration/fine-tuning": "fine-tuning",
    "configuration/inference": "inference",
    "hang/fine-tuning": "fine-tuning",
    "hang/generation": "inference",
    "incorrect/fine-tuning/convergence": "fine-tuning",
    "incorrect/fine-tuning/gradient-explosion": "fine-tuning",
    "incorrect/fine-tuning/learning-rate": "fine-tuning",
    "slow/fine-tuning": "fine-tuning",
    "slow/inference": "inference",
}

UNQUALIFIED_REFERENCE = re.compile(r"(?<![\w/])[\w.-]*[A-Za-z][\w.-]*#\d+")
CODE = re.compile(r"[a-z]+(?:-[a-z]+)*(?:/[a-z]+(?:-[a-z]+)*)*")

TERMS = load_taxonomy().terms
every_term = pytest.mark.parametrize("term", TERMS, ids=lambda term: term.code)


def taxonomy_files() -> Iterator[Traversable]:
    """Yield every TOML file of the taxonomy, initiatives included."""
    folders = [files("firstmile.taxonomy")]
    while folders:
        for item in folders.pop().iterdir():
            if item.is_dir():
                folders.append(item)
            elif item.name.endswith(".toml"):
                yield item


def leaves() -> list[Term]:
    """Return the leaves of all axes."""
    return [leaf for axis in Axis for leaf in load_taxonomy().leaves(axis)]


def prose(term: Term) -> list[str]:
    """Return all texts of a term that a rater reads."""
    rules = [rule.rule for rule in term.boundary]
    return [term.definition, *term.includes, *term.excludes, *rules, term.example.line]


@cache
def published_rows(folder: Path) -> tuple[tuple[str, dict[Axis, str]], ...]:
    """Return link and normalized labels of each published row.

    The two known normalizations: runs of spaces become one, and one label gets its lost word.
    """
    rows: list[tuple[str, dict[Axis, str]]] = []
    for file in sorted((folder / "open-llm-failures").rglob("*.json")):
        for row in json.loads(file.read_text(encoding="utf-8")):
            spaced = {axis: " ".join(row[field].split()) for axis, field in FIELDS.items()}
            labels = {axis: MISSPELT_IN_THE_SET.get(text, text) for axis, text in spaced.items()}
            rows.append((row["link"].strip(), labels))
    return tuple(rows)


def published_labels(folder: Path, *, link: str, axis: Axis) -> set[str]:
    return {labels[axis] for other, labels in published_rows(folder) if other == link}


@pytest.mark.parametrize("axis", list(Axis))
def test_the_codebook_has_the_published_number_of_classes_and_leaves(axis: Axis) -> None:
    assert len(load_taxonomy().classes(axis)) == CLASSES[axis]
    assert len(load_taxonomy().leaves(axis)) == LEAVES[axis]


@pytest.mark.parametrize("axis", list(Axis))
def test_leaf_labels_are_exactly_the_published_labels(axis: Axis, data_folder: Path) -> None:
    published = {labels[axis] for _, labels in published_rows(data_folder)}
    assert {leaf.label for leaf in load_taxonomy().leaves(axis)} == published


def test_no_code_and_no_label_is_used_twice() -> None:
    assert [code for code, n in Counter(term.code for term in TERMS).items() if n > 1] == []
    assert [label for label, n in Counter(term.label for term in TERMS).items() if n > 1] == []


@every_term
def test_a_code_extends_an_existing_parent_and_so_does_its_label(term: Term) -> None:
    if term.parent is not None:
        assert term.label.startswith(load_taxonomy().term(term.parent).label + " - ")


@every_term
def test_every_field_of_a_term_is_filled(term: Term) -> None:
    assert len(term.includes) >= 2
    assert term.excludes
    assert term.written_from
    assert all(text.strip() == text and text for text in prose(term))
    assert len(set(term.written_from)) == len(term.written_from)
    assert term.example.url in term.written_from


@pytest.mark.parametrize("leaf", leaves(), ids=lambda leaf: leaf.code)
def test_every_leaf_has_a_boundary_rule(leaf: Term) -> None:
    assert leaf.boundary


@every_term
def test_a_term_has_one_boundary_rule_per_existing_neighbor_of_its_axis(term: Term) -> None:
    neighbors = [rule.against for rule in term.boundary]
    assert len(set(neighbors)) == len(neighbors)
    for code in neighbors:
        assert code != term.code
        assert load_taxonomy().term(code).axis is term.axis


@every_term
def test_boundary_rules_stand_on_both_sides(term: Term) -> None:
    one_sided = [
        rule.against
        for rule in term.boundary
        if term.code not in {back.against for back in load_taxonomy().term(rule.against).boundary}
    ]
    assert one_sided == []


@pytest.mark.parametrize(("one", "other"), CONFUSED_PAIRS)
def test_the_pairs_that_raters_confuse_most_have_a_rule(one: str, other: str) -> None:
    assert other in {rule.against for rule in load_taxonomy().term(one).boundary}
    assert one in {rule.against for rule in load_taxonomy().term(other).boundary}


@every_term
def test_every_code_in_the_prose_exists(term: Term) -> None:
    known = set(load_taxonomy().by_code)
    classes = "|".join(sorted({code.split("/")[0] for code in known}))
    path = re.compile(rf"(?<![\w/.-])(?:{classes})(?:/[a-z]+(?:-[a-z]+)*)+")
    for text in prose(term):
        assert [code for code in path.findall(text) if code not in known] == []
    for text in term.excludes:
        targets = re.findall(r"`([^`]+)`", text.rpartition("->")[2]) if "->" in text else []
        assert [code for code in targets if CODE.fullmatch(code) and code not in known] == []


@every_term
def test_an_exclusion_leads_to_another_term(term: Term) -> None:
    for text in term.excludes:
        assert term.code not in re.findall(r"`([^`]+)`", text.rpartition("->")[2])


@every_term
def test_every_report_cited_in_the_prose_is_listed_in_written_from(term: Term) -> None:
    for text in prose(term):
        qualified = ISSUE_REFERENCE.findall(text)
        assert len(UNQUALIFIED_REFERENCE.findall(ISSUE_REFERENCE.sub("", text))) == 0
        cited = [f"https://github.com/{name}/issues/{number}" for name, number in qualified]
        assert [url for url in cited if url not in term.written_from] == []


def test_terms_whose_name_fixes_the_stage_say_so_and_no_others() -> None:
    assert {term.code: term.stage for term in TERMS if term.stage} == STAGE_IN_THE_NAME


def test_a_parent_is_not_applicable_exactly_where_all_its_leaves_are() -> None:
    taxonomy = load_taxonomy()
    for term in TERMS:
        below = [set(leaf.not_applicable) for leaf in taxonomy.below(term.code)]
        assert set(term.not_applicable) == set.intersection(*below), term.code
        assert set(term.not_applicable) <= {"closed-source-sdk"}


def test_a_file_that_marks_terms_as_not_applicable_explains_the_key_at_its_top() -> None:
    for file in taxonomy_files():
        head, _, body = file.read_text(encoding="utf-8").partition("[[")
        if "\nnot_applicable" in body:
            assert "# not_applicable" in head, file.name


@pytest.mark.parametrize("file", list(taxonomy_files()), ids=lambda file: file.name)
def test_no_even_number_of_a_held_out_repository_is_named(file: Traversable) -> None:
    text = file.read_text(encoding="utf-8")
    tomllib.loads(text)
    assert held_out_and_even(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "https://github.com/QwenLM/Qwen3/issues/4",
        "http://www.github.com/vllm-project/vllm/pull/10#discussion_r1",
        "see ggerganov/llama.cpp#8",
        "https://github.com/facebookresearch/llama/issues/12",
    ],
)
def test_the_check_for_even_numbers_finds_them(text: str) -> None:
    assert held_out_and_even(text)
    assert not held_out_and_even(re.sub(r"(/|#)(\d+)", lambda m: f"{m[1]}{m[2]}1", text))


def test_every_published_repository_is_held_out(data_folder: Path) -> None:
    links = [ISSUE_URL.search(link) for link, _ in published_rows(data_folder)]
    assert {link[1].lower() for link in links if link} <= HELD_OUT
    assert all(links)


def test_the_codebook_is_written_from_at_least_sixty_published_reports(data_folder: Path) -> None:
    published = {link for link, _ in published_rows(data_folder)}
    assert len({url for term in TERMS for url in term.written_from} & published) >= 60


@every_term
def test_a_published_example_carries_its_label_and_any_other_says_so(
    term: Term, data_folder: Path
) -> None:
    labels = published_labels(data_folder, link=term.example.url, axis=term.axis)
    if term.example_from == "published":
        below = {leaf.label for leaf in load_taxonomy().below(term.code)}
        assert labels & below
    else:
        assert term.example_from == "elsewhere"
        assert labels == set()
        assert "own assignment" in term.example.line


@every_term
def test_an_example_of_a_held_out_repository_is_a_published_row(
    term: Term, data_folder: Path
) -> None:
    issue = ISSUE_URL.search(term.example.url)
    assert issue
    if issue[1].lower() in HELD_OUT:
        assert published_labels(data_folder, link=term.example.url, axis=term.axis)


def test_links_are_plain_https_and_examples_are_one_line() -> None:
    for term in TERMS:
        assert "\n" not in term.example.line
        for url in term.written_from:
            assert re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+/issues/[1-9]\d*", url), url


def test_initiatives_cover_every_cause_once() -> None:
    causes = [term.code for term in load_taxonomy().classes(Axis.CAUSE)]
    assert sorted(entry.cause for entry in load_initiatives()) == sorted(causes)


@pytest.mark.parametrize("entry", load_initiatives(), ids=lambda entry: entry.cause)
def test_an_initiative_names_known_causes_a_link_and_a_day(entry: CauseInitiatives) -> None:
    known = {term.code for term in load_taxonomy().of(Axis.CAUSE)}
    assert entry.summary
    assert entry.open
    assert entry.initiatives
    named = [initiative.name for initiative in entry.initiatives]
    assert len(set(named)) == len(named)
    for initiative in entry.initiatives:
        link = urlsplit(initiative.url)
        assert (link.scheme, bool(link.netloc)) == ("https", True), initiative.url
        assert set(initiative.terms) <= known, initiative.name
        assert {code.split("/")[0] for code in initiative.terms} & {entry.cause}, initiative.name
        assert date.fromisoformat(initiative.checked).isoformat() == initiative.checked
        assert initiative.kind in {"standard", "tool", "project", "practice", "documentation"}
        assert initiative.covers
        assert initiative.leaves_open
