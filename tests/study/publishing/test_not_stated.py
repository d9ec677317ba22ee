"""What nobody stated is listed as such, the title and the motivation too."""

from pathlib import Path

import pytest

from firstmile.study.design import is_placeholder, parse_design, ready_design, ready_designs
from firstmile.study.publishing import publish
from firstmile.taxonomy.toml_text import read_toml
from publishing.samples import dataset

UNNAMED = parse_design(read_toml(ready_design("blank"), "study.toml"), "study.toml").study.name


def not_stated(text: str) -> str:
    """Return what stands under Not stated."""
    return text.partition("## Not stated")[2]


@pytest.mark.parametrize("file", ["README.md", "DATASHEET.md"])
def test_a_title_that_nobody_changed_is_listed(tmp_path: Path, file: str) -> None:
    bare = publish(dataset(name=UNNAMED), tmp_path / "bare")
    named = publish(dataset(), tmp_path / "named")
    assert "Title of its own" in not_stated((bare / file).read_text())
    assert "Title of its own" not in not_stated((named / file).read_text())


def test_an_empty_motivation_says_so_below_its_heading(tmp_path: Path) -> None:
    bare = publish(dataset(question="", authors=()), tmp_path / "bare")
    text = (bare / "DATASHEET.md").read_text()
    motivation = text.partition("## Motivation")[2].partition("\n## ")[0]
    assert motivation.strip() == "Nothing of this is stated."
    for question in ("Purpose", "Creators", "Funding"):
        assert f"- {question}\n" in not_stated(text)
        assert question in not_stated((bare / "README.md").read_text())


def test_only_the_blank_study_comes_without_a_title() -> None:
    found = {
        name: is_placeholder(
            parse_design(read_toml(ready_design(name), "study.toml"), "study.toml").study.name
        )
        for name in ready_designs()
    }
    assert found == {name: name == "blank" for name in ready_designs()}
