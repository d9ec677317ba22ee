"""A study's folder: its key is made once, its tokens follow from it, its lock holds."""

from pathlib import Path

import pytest

from firstmile.errors import UserError
from firstmile.study.folder import StudyFolder, is_study, make_study
from ui.web import studies

TEXT = '[study]\nname = "Ours"\n[[raters]]\nname = "ada"\n[[raters]]\nname = "ben"\n'


def test_a_key_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    folder = make_study(tmp_path / "study", TEXT)
    assert (folder.path / "key").stat().st_mode & 0o777 == 0o600
    assert StudyFolder(folder.path).key == folder.key


def test_a_study_written_by_hand_gets_a_key(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(TEXT, encoding="utf-8")
    folder = StudyFolder.open(tmp_path)
    folder.decisions().close()
    assert len(folder.key) == 32


@pytest.mark.parametrize("what", ["archive", "decisions"])
def test_a_lost_key_is_never_replaced(tmp_path: Path, what: str) -> None:
    folder = make_study(tmp_path / "study", TEXT)
    if what == "archive":
        studies.add_issues(folder, studies.REPORTS)
    else:
        studies.label(folder, studies.url_of(1), "ada", symptom="hang")
    (folder.path / "key").unlink()
    with pytest.raises(UserError, match="is gone: put a copy of it back"):
        _ = StudyFolder(folder.path).key


@pytest.mark.parametrize("content", ["", "abc", "zz" * 32, "ab" * 31])
def test_a_damaged_key_is_one_sentence(tmp_path: Path, content: str) -> None:
    folder = make_study(tmp_path / "study", TEXT)
    (folder.path / "key").write_text(content, encoding="ascii")
    with pytest.raises(UserError, match="put a copy"):
        _ = StudyFolder(folder.path).key


def test_each_rater_has_a_token_of_their_own(tmp_path: Path) -> None:
    folder = make_study(tmp_path / "study", TEXT)
    assert folder.rater_of(folder.token("ada")) == "ada"
    assert folder.rater_of(folder.token("ben")) == "ben"
    assert folder.rater_of(folder.token("eve")) is None
    assert folder.rater_of("") is None


def test_a_folder_of_labels_is_no_study(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text('[data]\nfiles = ["a.csv"]\n', encoding="utf-8")
    assert not is_study(tmp_path)
    assert not is_study(tmp_path / "absent")
    assert is_study(make_study(tmp_path / "study", TEXT).path)


@pytest.mark.parametrize(
    ("ecosystem", "said"),
    [
        ("closed-source-sdks", r'study\.ecosystem .*nearest: "closed-source-sdk"'),
        ("x", r"study\.ecosystem of study\.toml is \"x\".*it can be closed-source-sdk"),
    ],
)
def test_an_ecosystem_that_the_codebook_lacks_is_refused(
    tmp_path: Path, ecosystem: str, said: str
) -> None:
    text = TEXT.replace("[study]", f'[study]\necosystem = "{ecosystem}"')
    folder = make_study(tmp_path / "study", text)
    with pytest.raises(UserError, match=said):
        _ = folder.design


def test_an_ecosystem_of_the_codebook_is_taken(tmp_path: Path) -> None:
    text = TEXT.replace("[study]", '[study]\necosystem = "closed-source-sdk"')
    assert make_study(tmp_path / "study", text).design.study.ecosystem == "closed-source-sdk"


def test_a_key_that_was_put_back_for_all_to_read_is_kept_to_its_owner(tmp_path: Path) -> None:
    folder = make_study(tmp_path / "study", TEXT)
    (folder.path / "key").chmod(0o644)
    assert StudyFolder(folder.path).key == folder.key
    assert (folder.path / "key").stat().st_mode & 0o777 == 0o600


def test_opening_puts_the_published_folder_back_that_a_killed_process_had_set_aside(
    tmp_path: Path,
) -> None:
    folder = make_study(tmp_path / "study", TEXT)
    aside = folder.path / ".published.0a1b2c3d.old"
    aside.mkdir()
    (aside / "publication.json").write_text("{}")
    StudyFolder.open(folder.path)
    assert [path.name for path in folder.published.iterdir()] == ["publication.json"]
    assert not aside.exists()
