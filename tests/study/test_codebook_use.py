"""A study may change its codebook, and what that does to decisions is known."""

import resource
import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest

from firstmile.errors import UserError
from firstmile.study.codebook_use import copy_codebook, note_use, touched_decisions
from firstmile.study.folder import StudyFolder
from firstmile.study.machine_screen import screen_by_machine
from firstmile.study.overview import make_overview
from firstmile.taxonomy import load_taxonomy
from ui.web import studies

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def labelled(tmp_path: Path) -> StudyFolder:
    folder = studies.make(tmp_path / "study")
    for number, symptom in ((1, "hang/generation"), (2, "slow/loading")):
        studies.label(
            folder,
            studies.url_of(number),
            "ada",
            symptom=symptom,
            cause="api",
            stage="inference",
            codebook=load_taxonomy().version,
        )
    with folder.decisions() as decisions:
        note_use(folder, decisions, at=NOW)
    return folder


def changed(folder: StudyFolder, file: str, old: str, new: str, *, version: str = "2.0.0") -> None:
    """Give the study a codebook of its own, with a change in it."""
    if not (folder.path / "codebook").exists():
        copy_codebook(folder)
    for name, before, after in (
        (file, old, new),
        ("codebook.toml", f'version = "{load_taxonomy().version}"', f'version = "{version}"'),
    ):
        path = folder.path / "codebook" / name
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after), encoding="utf-8")


def touched(folder: StudyFolder) -> list[tuple[str, str, int]]:
    opened = StudyFolder.open(folder.path)
    with opened.decisions() as decisions:
        found = touched_decisions(opened, decisions)
    return [(one.code, one.change, len(one.decisions)) for one in found]


def test_nothing_is_touched_while_the_codebook_stays(labelled: StudyFolder) -> None:
    assert touched(labelled) == []
    copy_codebook(labelled)
    assert touched(labelled) == []


def test_a_changed_definition_touches_the_labels_that_carry_the_term(
    labelled: StudyFolder,
) -> None:
    changed(labelled, "symptoms/hang.toml", "never comes, without", "does not come, without")
    assert touched(labelled) == [("hang/generation", "changed", 1)]


def test_a_lost_term_touches_the_labels_that_carry_it(labelled: StudyFolder) -> None:
    changed(labelled, "symptoms/slow.toml", 'code = "slow/loading"', 'code = "slow/start"')
    assert touched(labelled) == [("slow/loading", "lost", 1)]


def test_a_change_without_a_new_version_is_refused(labelled: StudyFolder) -> None:
    version = load_taxonomy().version
    changed(labelled, "symptoms/hang.toml", "never comes, ", "does not come, ", version=version)
    opened = StudyFolder.open(labelled.path)
    with (
        opened.decisions() as decisions,
        pytest.raises(UserError, match="has changed, but its version is still"),
    ):
        note_use(opened, decisions, at=NOW)


def test_using_one_version_twice_is_noted_once(labelled: StudyFolder) -> None:
    with labelled.decisions() as decisions:
        note_use(labelled, decisions, at=NOW)
        assert len(decisions.events("codebook-used")) == 1


def test_a_second_codebook_is_not_copied_over_the_first(labelled: StudyFolder) -> None:
    copy_codebook(labelled)
    with pytest.raises(UserError, match="codebook of its own already"):
        copy_codebook(labelled)


@pytest.mark.parametrize("text", ["[[term]]\n", "[[term", "x = 1\n", "[[term]]\ncode = 1\n"])
def test_a_broken_codebook_is_one_sentence(labelled: StudyFolder, text: str) -> None:
    (copy_codebook(labelled) / "symptoms" / "slow.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as error:
        _ = StudyFolder.open(labelled.path).taxonomy
    assert "\n" not in str(error.value)


def test_a_copy_for_which_the_disk_is_too_full_leaves_nothing_and_can_be_made_again(
    tmp_path: Path,
) -> None:
    folder = studies.make(tmp_path / "study", studies.REPORTS[:1])
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(UserError, match="disk is full"):
            copy_codebook(folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert not [path for path in folder.path.iterdir() if "codebook" in path.name]
    assert (copy_codebook(folder) / "codebook.toml").is_file()


def test_a_codebook_that_lost_its_head_is_not_replaced_in_silence(labelled: StudyFolder) -> None:
    (copy_codebook(labelled) / "codebook.toml").unlink()
    with pytest.raises(UserError, match=r"has lost its codebook\.toml: put it back"):
        _ = StudyFolder(labelled.path).taxonomy
    with pytest.raises(UserError, match="has lost its"):
        copy_codebook(labelled)


def test_what_comes_next_names_terms_in_final_labels_that_the_codebook_lost(
    tmp_path: Path,
) -> None:
    folder = studies.make(tmp_path / "study", studies.REPORTS[:2])
    studies.include_all(folder)
    for rater in ("ada", "ben"):
        for number, symptom in ((1, "slow/fine-tuning"), (2, "slow/loading")):
            studies.label(
                folder,
                studies.url_of(number),
                rater,
                symptom=symptom,
                cause="api",
                stage="inference",
            )
    screen_by_machine(folder)
    changed(folder, "symptoms/slow.toml", '"slow/fine-tuning"', '"slow/other"')
    opened = StudyFolder.open(folder.path)
    with opened.decisions() as decisions:
        said = [step for step in make_overview(opened, decisions).next if "no longer has" in step]
    assert len(said) == 1
    assert "so nothing can be published: slow/fine-tuning (1). Put them back" in said[0]
