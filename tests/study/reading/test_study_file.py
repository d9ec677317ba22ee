"""A study.toml that is wrong is told by its key."""

from pathlib import Path

import pytest

from reading.sources import Refusal

HEAD = '[data]\nfiles = ["set.csv"]\n'
LABELS = '[columns]\nsymptom = "a"\ncause = "b"\nstage = "c"\n'


@pytest.fixture
def refused(tmp_path: Path, refusal: Refusal) -> object:
    (tmp_path / "set.csv").write_text("a,b,c\nhang,api,inference\n")

    def refuse(text: str) -> str:
        (tmp_path / "study.toml").write_text(text)
        return refusal(tmp_path / "study.toml")

    return refuse


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[data]\nfile = ["set.csv"]\n', "it can be files, format, codebook; nearest"),
        (HEAD + "codebook = 7\n", "data.codebook of study.toml must name the folder"),
        (HEAD + 'codebook = "../codebook"\n', "which may lie outside its folder"),
        (HEAD + 'codebook = "codebook"\n', "codebook holds no codebook.toml"),
        (HEAD + 'codebook = "codebook.json"\n', "codebook.json is not there"),
        (HEAD + LABELS + 'serie = "d"\n', 'unknown key "columns.serie"'),
        (HEAD + LABELS + 'serie = "d"\n', 'nearest: "series"'),
        ("[colums]\n", 'nearest: "columns"'),
        (LABELS, "lacks the table [data]"),
        ("[data]\nfiles = []\n", "must be a list of one or more file names"),
        ('[data]\nfiles = "set.csv"\n', "must be a list of one or more file names"),
        ('[data]\nfiles = ["set.csv", "./set.csv"]\n', 'names "set.csv" twice'),
        (HEAD + 'format = "cvs"\n', 'nearest: "csv"'),
        (HEAD + '[columns]\nsymptom = "a"\n', "lacks the cause"),
        (HEAD + LABELS + "issue = 7\n", "columns.issue of study.toml must be the name"),
        (HEAD + LABELS + 'issue = "url"\n', 'set.csv has no column "url" for the issue'),
        ('[data]\nfiles = ["missing.csv"]\n', "missing.csv, which is not in its folder"),
        ('[data]\nfiles = ["set.zip"]\n', "set.zip"),
        ("[data", "study.toml is not valid TOML"),
    ],
)
def test_a_wrong_key_is_named(refused: object, text: str, told: str) -> None:
    assert callable(refused)
    assert told in refused(text)


@pytest.mark.parametrize(
    "file", ["../set.csv", "/etc/hosts", "a/../../set.csv", "C:/set.csv", "..\\\\set.csv"]
)
def test_a_file_outside_the_folder_is_refused(refused: object, file: str) -> None:
    assert callable(refused)
    assert "may lie outside its folder" in refused(f'[data]\nfiles = ["{file}"]\n')


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path, refusal: Refusal) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text("symptom,cause,stage\nhang,api,inference\n")
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "set.csv").symlink_to(outside)
    (folder / "study.toml").write_text(HEAD)
    assert "link out of its folder" in refusal(folder)
