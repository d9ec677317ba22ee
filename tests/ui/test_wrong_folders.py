"""A folder that holds no study: one sentence that names the command, or the folder, that fits."""

from pathlib import Path

import pytest

from firstmile.study.folder import make_study
from firstmile.study.labelled_sets import open_labelled_set
from firstmile.ui import cli

from .web import studies

TEXT = '[study]\nname = "Ours"\n[[raters]]\nname = "ada"\n'
CODES = {"symptom": "hang/generation", "cause": "api", "stage": "inference"}


def refused(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """Run into a mistake and return its one sentence."""
    with pytest.raises(SystemExit) as ended:
        cli.main([str(one) for one in arguments])
    out, said = capsys.readouterr()
    assert (ended.value.code, out, len(said.splitlines())) == (2, "", 1)
    return said.removeprefix("firstmile: ").strip()


@pytest.fixture
def published(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """Return the published folder of a study of one labelled issue."""
    folder = studies.make(tmp_path / "study", studies.REPORTS[:1], design=TEXT)
    studies.include_all(folder)
    studies.label(folder, studies.url_of(1), "ada", **CODES)
    with pytest.raises(SystemExit) as ended:
        cli.main(["study", "publish", str(folder.path), "--quiet"])
    assert not ended.value.code
    capsys.readouterr()
    return folder.published


@pytest.mark.parametrize("command", ["plan", "collect", "status", "screen", "agree", "publish"])
def test_what_is_not_there_is_to_be_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    absent = tmp_path / "absent"
    said = refused(capsys, "study", command, absent)
    assert said == f"{absent} is not there: firstmile study init {absent} starts a study."


def test_a_folder_without_a_study_can_get_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "with space").mkdir()
    said = refused(capsys, "study", "collect", tmp_path / "with space")
    assert said.endswith(f"firstmile study init '{tmp_path}/with space' starts a study there.")


def test_a_file_of_a_study_leads_to_its_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = make_study(tmp_path / "study", TEXT).path
    said = refused(capsys, "study", "collect", study / "study.toml")
    assert said == f"{study}/study.toml is a file of a study: name its folder, {study}."


def test_a_file_of_labels_leads_to_the_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "labels.csv"
    file.write_text("symptom,cause,stage\n")
    said = refused(capsys, "study", "publish", file)
    assert f"firstmile study report {file} analyzes them" in said


def test_a_published_set_leads_to_its_report_and_is_left_as_it_was(
    published: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(capsys, "study", "collect", published)
    assert f"firstmile study report {published} analyzes it" in said
    assert said.endswith(f"the study that it comes from is in {published.parent}.")
    assert not (published / ".lock").exists()
    cli_check(published, capsys)


def cli_check(published: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["study", "publish", str(published), "--check"])
    out, said = capsys.readouterr()
    assert not ended.value.code, said
    assert "files are as published" in out


def test_a_published_set_is_checked_without_its_study(
    published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = published.rename(tmp_path / "alone")
    cli_check(alone, capsys)
    (alone / "LICENSE").write_text("Take it.\n")
    assert '"LICENSE" was changed' in refused(capsys, "study", "publish", alone, "--check")
    assert "no study" in refused(capsys, "study", "publish", alone)


def test_a_study_toml_that_maps_columns_leads_to_the_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "study.toml").write_text('[data]\nfiles = ["a.csv"]\n')
    said = refused(capsys, "study", "screen", tmp_path)
    assert f"firstmile study report {tmp_path} analyzes them" in said
    assert not (tmp_path / ".lock").exists()


def test_a_study_toml_with_a_mistake_is_told_by_its_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "study.toml").write_text('[studdy]\nname = "Ours"\n')
    assert "studdy" in refused(capsys, "study", "collect", tmp_path)


def test_a_folder_of_studies_names_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = make_study(tmp_path / "first", TEXT).path
    said = refused(capsys, "study", "status", tmp_path)
    assert said == f"{tmp_path} is no study's folder, but one is in it: name {first} instead."
    for name in ("second", "third", "zeta", "zzz"):
        make_study(tmp_path / name, TEXT)
    said = refused(capsys, "study", "status", tmp_path)
    assert said.endswith(f"name {first}, {tmp_path}/second, {tmp_path}/third and 2 more instead.")


def test_a_folder_inside_a_study_leads_up_to_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = make_study(tmp_path / "study", TEXT).path
    (study / "archive" / "github+owner+name").mkdir(parents=True)
    said = refused(capsys, "study", "collect", study / "archive" / "github+owner+name")
    assert said.endswith(f"is a folder inside a study: name {study} instead.")


def test_a_report_of_a_folder_of_studies_names_them(
    published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report"
    said = refused(capsys, "study", "report", tmp_path, "--out", out)
    assert said.endswith(f"but one is in it: name {published.parent} instead.")
    assert not out.exists()


def test_a_report_of_the_file_of_a_study_is_one_of_the_study(
    published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = published.parent / "study.toml"
    assert open_labelled_set(str(file)).counts.total == 1
    published.rename(tmp_path / "elsewhere")
    said = refused(capsys, "study", "report", file)
    assert said.startswith(f"The study in {file.parent} is not published yet: firstmile study publ")


def test_places_are_named_as_they_were_typed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    study = make_study(tmp_path / "study", TEXT).path
    (study / "store").mkdir()
    monkeypatch.chdir(tmp_path)
    assert refused(capsys, "study", "status", ".").endswith("name study instead.")
    assert refused(capsys, "study", "status", "study/store").endswith("name study instead.")
    monkeypatch.chdir(study / "store")
    assert refused(capsys, "study", "status", ".").endswith(f"name {study} instead.")


def test_help_says_when_a_full_pass_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["study", "collect", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert "before publishing, so that texts of issues deleted meanwhile are left out" in said
