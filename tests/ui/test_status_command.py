"""`study status`, `plan` and `agree` say early what a study cannot give."""

import json
from pathlib import Path

import msgspec
import pytest

from firstmile.study.decisions import LabelValue, Step
from firstmile.study.folder import StudyFolder
from firstmile.study.pilot_order import PILOT

from .command_line import DESIGN, RATERS, Command
from .web import studies

ALONE = DESIGN.replace(RATERS, '\n[[raters]]\nname = "ada"\n')
SAID = "Only ada labels, so no figure of agreement can be published"


def following(command: Command, folder: StudyFolder) -> list[str]:
    """Return what `study status` says comes next."""
    status, out = command("study", "status", folder.path, "--format", "json")
    assert status == 0, command.err
    return list(json.loads(out)["next"])


def printed(command: Command, *arguments: str | Path) -> str:
    status, out = command(*arguments)
    assert status == 0, command.err
    return " ".join(out.split())


def test_one_rater_is_told_from_the_beginning_what_that_means(
    command: Command, tmp_path: Path
) -> None:
    folder = studies.make(tmp_path / "alone", design=ALONE)
    assert any(SAID in line for line in following(command, folder))
    assert following(command, folder)[0].startswith("Screen by keyword")
    assert SAID in printed(command, "study", "agree", folder.path)
    assert SAID in printed(command, "study", "plan", folder.path, "--issues", "10")
    command("study", "screen", folder.path)
    studies.include_all(folder)
    studies.label(folder, studies.url_of(1), "ada", **CODES)
    assert SAID in following(command, folder)[-1]
    assert SAID in printed(command, "study", "agree", folder.path)


def test_two_raters_and_a_published_set_of_one_are_not_told(
    command: Command, tmp_path: Path
) -> None:
    two = studies.make(tmp_path / "two", design=DESIGN)
    assert not any("Only" in line for line in following(command, two))
    assert "Only" not in printed(command, "study", "agree", two.path)
    alone = studies.make(tmp_path / "alone", studies.REPORTS[:1], design=ALONE)
    studies.include_all(alone)
    studies.label(alone, studies.url_of(1), "ada", **CODES)
    printed(command, "study", "publish", alone.path, "--quiet")
    assert not any(SAID in line for line in following(command, alone))
    card = (alone.published / "README.md").read_text()
    assert "Only ada" not in card
    assert "how far raters agree is not known" in card


CODES = {"symptom": "hang/generation", "cause": "api", "stage": "inference"}


@pytest.fixture
def verified(tmp_path: Path, command: Command) -> StudyFolder:
    """Return a screened study whose issues are all verified."""
    folder = studies.make(tmp_path / "study", design=DESIGN)
    command("study", "screen", folder.path)
    studies.include_all(folder)
    return folder


def label_round(command: Command, folder: StudyFolder, *, cause: str) -> None:
    """Open a pilot round and have both raters label it, one of them with another cause."""
    printed(command, "study", "pilot", folder.path, "--open")
    with folder.decisions() as decisions:
        event = decisions.events(PILOT)[-1]
        for rater in ("ada", "ben"):
            for url in event.data["issues"]:
                value = CODES | {"cause": cause if rater == "ben" else "api"}
                decisions.append(
                    url,
                    Step.LABEL,
                    rater,
                    msgspec.convert(value, LabelValue),
                    codebook=studies.CODEBOOK,
                    at=studies.AT,
                    key=f"{rater} {url}",
                    round=event.data["round"],
                )


MISSED = "missed its target: Gwet's AC1 is -"


def test_status_and_agree_say_that_a_pilot_missed_its_target_and_what_is_next(
    command: Command, verified: StudyFolder
) -> None:
    label_round(command, verified, cause="hardware/gpu-memory")
    (line,) = [line for line in following(command, verified) if "missed its target" in line]
    assert line.startswith(f"Pilot round 1 {MISSED}")
    assert "for root causes, classes, where 0.70 is needed. Pilot round 1 is labelled by" in line
    assert "firstmile study agree" in line
    said = printed(command, "study", "agree", verified.path)
    assert "Next: the target was missed, so discuss the disagreements, mend the codebook" in said
    printed(command, "study", "pilot", verified.path, "--discussed")
    (line,) = [line for line in following(command, verified) if "missed its target" in line]
    assert "mend the codebook" in line
    assert "--open" in line
    said = printed(command, "study", "agree", verified.path)
    assert "Next: the target was missed, so mend the codebook and label another round" in said


def test_a_pilot_that_ended_below_its_target_is_named_until_all_is_labelled(
    command: Command, verified: StudyFolder
) -> None:
    label_round(command, verified, cause="hardware/gpu-memory")
    for option in ("--discussed", "--end"):
        printed(command, "study", "pilot", verified.path, option)
    lines = following(command, verified)
    (place,) = [place for place, line in enumerate(lines) if MISSED in line]
    assert "ended all the same" in lines[place]
    assert lines[place].endswith("--open --again")
    assert "issues wait to be labelled" in lines[place + 1]
    said = printed(command, "study", "agree", verified.path)
    assert "The pilot has ended. Its target was missed, so expect more to adjudicate" in said


def test_a_pilot_that_met_its_target_is_not_said_to_have_missed_it(
    command: Command, verified: StudyFolder
) -> None:
    label_round(command, verified, cause="api")
    assert not any("missed its target" in line for line in following(command, verified))
    printed(command, "study", "pilot", verified.path, "--end")
    assert not any("missed its target" in line for line in following(command, verified))
    assert "missed" not in printed(command, "study", "agree", verified.path)
