"""`firstmile study pilot`: the order of a pilot follows from what the commands say."""

import json
import re
import shlex
from pathlib import Path

import pytest

from firstmile.study.decisions import LabelValue, ScreenValue, Step
from firstmile.study.folder import StudyFolder
from firstmile.study.pilot_order import DISCUSSED, PILOT

from .command_line import DESIGN, Command
from .web import studies

SAID = re.compile(r"firstmile study (?:pilot|agree|codebook) (?:'[^']*'|\S+)(?: --[a-z]+)*")


@pytest.fixture
def verified(tmp_path: Path) -> StudyFolder:
    """Return a study of twelve verified issues, in a folder whose name needs quotes."""
    folder = studies.make(tmp_path / "our study", design=DESIGN)
    studies.include_all(folder)
    return folder


def pilot(command: Command, folder: StudyFolder, *options: str) -> str:
    status, out = command("study", "pilot", folder.path, *options)
    assert status == 0, command.err
    return " ".join(out.split())


def refused(command: Command, folder: StudyFolder, *options: str) -> str:
    return command.refused("study", "pilot", folder.path, *options)


def status(command: Command, folder: StudyFolder) -> list[str]:
    """Return what `study status` says comes next."""
    command("study", "screen", folder.path)
    found, out = command("study", "status", folder.path, "--format", "json")
    assert found == 0
    return list(json.loads(out)["next"])


def rounds(folder: StudyFolder) -> list[list[str]]:
    with folder.decisions() as decisions:
        return [event.data["issues"] for event in decisions.events(PILOT) if event.data["round"]]


def label(folder: StudyFolder, rater: str, urls: list[str], *, cause: str = "api") -> None:
    number = len(rounds(folder))
    with folder.decisions() as decisions:
        for url in urls:
            decisions.append(
                url,
                Step.LABEL,
                rater,
                LabelValue(symptom="hang/generation", cause=cause, stage="inference"),
                codebook="1.0.0",
                at=studies.AT,
                key=f"{rater} {url} {cause}",
                round=number,
            )


def test_before_the_first_round_every_step_points_at_it(
    command: Command, verified: StudyFolder
) -> None:
    first = f"firstmile study pilot {shlex.quote(str(verified.path))} --open"
    assert first in pilot(command, verified)
    for wrong in ("--discussed", "--end"):
        assert first in refused(command, verified, wrong)
    assert any(
        line.endswith(f"in pilot rounds first, {first}") for line in status(command, verified)
    )


def test_a_round_is_neither_discussed_nor_ended_nor_followed_before_all_labelled_it(
    command: Command, verified: StudyFolder
) -> None:
    said = pilot(command, verified, "--open")
    assert "round 1 is open; of its 3 issues ada has 3, ben has 3 to be labelled" in said
    (issues,) = rounds(verified)
    label(verified, "ada", issues)
    label(verified, "ben", issues[:1])
    lacking = "of its 3 issues ben has 2 to be labelled: firstmile serve"
    for wrong in ("--discussed", "--end", "--open"):
        assert lacking in refused(command, verified, wrong)
    assert lacking in pilot(command, verified)
    assert any(lacking in line for line in status(command, verified))
    with verified.decisions() as decisions:
        assert not decisions.events(DISCUSSED)


def test_a_round_that_missed_the_target_is_discussed_before_anything_else(
    command: Command, verified: StudyFolder
) -> None:
    pilot(command, verified, "--open")
    (issues,) = rounds(verified)
    label(verified, "ada", issues)
    label(verified, "ben", issues, cause="hardware/gpu-memory")
    for said in (
        refused(command, verified, "--end"),
        refused(command, verified, "--open"),
        pilot(command, verified),
        " ".join(status(command, verified)),
    ):
        assert "talk over where you differ (firstmile study agree" in said
        assert "--discussed" in said
    said = pilot(command, verified, "--discussed")
    assert "What was first labelled stays the figure of round 1." in said
    assert "mend the codebook" in said
    assert "then open the next round" in said
    assert "was discussed" in refused(command, verified, "--discussed")
    assert "round 2 is open" in pilot(command, verified, "--open")
    first, second = rounds(verified)
    assert not {*first} & {*second}


def test_a_round_that_meets_the_target_ends_the_pilot_and_an_ended_one_stays_ended(
    command: Command, verified: StudyFolder
) -> None:
    pilot(command, verified, "--open")
    (issues,) = rounds(verified)
    for rater in ("ada", "ben"):
        label(verified, rater, issues)
    assert "its target holds; end the pilot" in pilot(command, verified)
    assert any("its target holds; end the pilot" in line for line in status(command, verified))
    said = pilot(command, verified, "--end")
    assert said == (
        "The pilot's target held in round 1; its figures stay on record. The pilot has ended; all "
        "verified issues can be labelled now."
    )
    for wrong in ("--discussed", "--end"):
        assert "The pilot has ended" in refused(command, verified, wrong)
    assert "--open --again" in refused(command, verified, "--open")
    assert len(rounds(verified)) == 1
    assert any("9 issues wait to be labelled" in line for line in status(command, verified))
    assert "round 2 is open" in pilot(command, verified, "--open", "--again")


def test_a_pilot_may_end_without_its_target_once_it_was_discussed_and_says_so(
    command: Command, verified: StudyFolder
) -> None:
    pilot(command, verified, "--open")
    (issues,) = rounds(verified)
    label(verified, "ada", issues)
    label(verified, "ben", issues, cause="hardware/gpu-memory")
    pilot(command, verified, "--discussed")
    assert "target did not hold in round 1" in pilot(command, verified, "--end")
    status_, out = command("study", "agree", verified.path)
    assert (status_, "The pilot has ended." in out) == (0, True)


def test_a_round_opened_by_mistake_ends_while_nobody_has_labelled_any_of_it(
    command: Command, verified: StudyFolder
) -> None:
    pilot(command, verified, "--open")
    assert "Nobody had labelled any issue of round 1." in pilot(command, verified, "--end")


def test_following_the_messages_alone_leads_through_a_pilot(
    command: Command, verified: StudyFolder
) -> None:
    """Every command that a message gives is given as it stands there."""
    given = []
    causes = ["hardware/gpu-memory", "api"]
    said = pilot(command, verified)
    while found := [one for one in SAID.findall(said) if "codebook" not in one]:
        words = shlex.split(found[-1])
        given.append(" ".join(words[4:]))
        code, out = command(*words[1:])
        assert code == 0, command.err
        said = " ".join(out.split())
        if "is open" in said:
            label(verified, "ada", rounds(verified)[-1])
            label(verified, "ben", rounds(verified)[-1], cause=causes.pop(0))
            said = pilot(command, verified)
    assert given == ["--open", "--discussed", "--open", "--end"]


def test_a_round_holds_only_issues_that_every_rater_may_label(
    command: Command, tmp_path: Path
) -> None:
    folder = studies.make(tmp_path / "pilot", design=DESIGN)
    with folder.decisions() as decisions:
        for number in (1, 2):
            for step in (Step.SCREEN, Step.VERIFY):
                for rater in ("ada", "ben") if number == 1 and step is Step.SCREEN else ("ada",):
                    decisions.append(
                        studies.url_of(number),
                        step,
                        rater,
                        ScreenValue(include=True),
                        codebook="1.0.0",
                        at=studies.AT,
                        key=f"{number} {step} {rater}",
                    )
    pilot(command, folder, "--open")
    assert rounds(folder) == [[studies.url_of(1)]]
    for rater in ("ada", "ben"):
        label(folder, rater, [studies.url_of(1)])
    pilot(command, folder, "--discussed")
    assert "before ben screened the verified issues" in refused(command, folder, "--open")


def test_a_pilot_of_no_issues_is_not_opened(command: Command, verified: StudyFolder) -> None:
    text = DESIGN.replace("pilot = 3", "pilot = 0")
    (verified.path / "study.toml").write_text(text, encoding="utf-8")
    assert "label.pilot of study.toml is 0" in refused(command, verified, "--open")
    assert rounds(verified) == []
