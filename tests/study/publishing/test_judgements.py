"""What raters judge of two issues is published with all other decisions, under pseudonyms."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from firstmile.study.decisions import Decisions
from firstmile.study.folder import StudyFolder
from firstmile.study.issues import Page
from firstmile.study.publishing import (
    DuplicateJudgement,
    gather,
    problems,
    publish,
    published_files,
    verify_published,
)
from firstmile.study.same_failure import Judgement, judge
from publishing.samples import (
    DAY,
    QUICK,
    dataset,
    issue_node,
    label_all,
    make_folder,
)

URLS = [f"https://github.com/owner/name/issues/{number}" for number in (1, 2, 3)]
WHEN = datetime(2026, 2, 11, 22, 30, tzinfo=UTC)


def judgement(order: int = 1, **changes: Any) -> DuplicateJudgement:
    values: dict[str, Any] = {
        "first": URLS[0],
        "second": URLS[1],
        "same": True,
        "rater": "rater-1",
        "day": DAY,
    }
    return DuplicateJudgement(order=order, **(values | changes))


def judged(
    folder: StudyFolder, decisions: Decisions, *, same: bool, rater: str, reason: str
) -> None:
    one = Judgement(first=URLS[0], second=URLS[1], same=same, rater=rater, reason=reason)
    judge(decisions, one, folder.design, there=URLS, at=WHEN)


@pytest.fixture
def folder(tmp_path: Path) -> StudyFolder:
    """Return a study of three issues, one labelled, with two judgements on the first two."""
    made = make_folder(tmp_path / "study", [issue_node(number) for number in (1, 2, 3)])
    with made.decisions() as decisions:
        label_all(decisions, [1])
        judged(made, decisions, same=True, rater="annegret", reason="mail bob@example.org")
        judged(made, decisions, same=False, rater="bartholomew", reason="another card")
    return made


def lines(files: dict[str, bytes], name: str = "judgements.jsonl") -> list[dict[str, Any]]:
    return [json.loads(line) for line in files[name].splitlines()]


def test_every_judgement_is_published_with_rater_day_and_pair(folder: StudyFolder) -> None:
    with folder.decisions() as decisions:
        files = published_files(
            gather(folder, decisions, published=date(2026, 4, 1), settings=QUICK)
        )
    pair = {"first": URLS[0], "second": URLS[1], "day": "2026-02-11"}
    assert lines(files) == [
        {"order": 1, **pair, "same": True, "rater": "rater-1"},
        {"order": 2, **pair, "same": False, "rater": "rater-2"},
    ]
    assert not [name for name, data in files.items() if b"annegret" in data]


def test_reasons_come_with_text_and_redacted(folder: StudyFolder) -> None:
    with folder.decisions() as decisions:
        made = gather(folder, decisions, published=date(2026, 4, 1), settings=QUICK, text=True)
    files = published_files(made)
    assert [one["explanation"] for one in lines(files)][1] == "another card"
    assert not [name for name, data in files.items() if b"bob@example.org" in data]


def test_reasons_about_a_deleted_issue_are_kept_back(folder: StudyFolder) -> None:
    page = Page(target="owner/name", state={}, done=True, deleted=(2,))
    folder.archive.append(
        "github", page, (), fetched_at="2026-03-01T10:00:00Z", redaction="1", redacted={}
    )
    folder.store.refresh(folder.archive)
    with folder.decisions() as decisions:
        made = gather(folder, decisions, published=date(2026, 4, 1), settings=QUICK, text=True)
    files = published_files(made)
    assert [one["explanation"] for one in lines(files)] == [None, None]
    assert json.loads(files["deleted.json"]) == {"issues": [URLS[1]]}


def test_who_only_judged_is_among_the_raters(tmp_path: Path) -> None:
    raters = '\n[[raters]]\nname = "cy"\n[label]\nraters = ["annegret", "bartholomew"]\n'
    study = make_folder(tmp_path / "study", [issue_node(n) for n in (1, 2, 3)], source=raters)
    with study.decisions() as decisions:
        label_all(decisions, [1])
        judged(study, decisions, same=True, rater="cy", reason="the same line")
        made = gather(study, decisions, published=date(2026, 4, 1), settings=QUICK)
    (one,) = made.judgements
    assert one.rater in {rater.name for rater in made.raters}
    assert "on duplicates 1 person" in published_files(made)["README.md"].decode()


def test_card_datasheet_and_metadata_say_where_they_are(tmp_path: Path) -> None:
    made = dataset(judgements=(judgement(1), judgement(2, same=False, rater="rater-2")))
    out = publish(made, tmp_path / "out")
    said = "raters made 2 judgements on two issues (1 that they report the same failure, 1 that"
    for name in ("README.md", "DATASHEET.md"):
        text = (out / name).read_text()
        assert said in text.replace("\\", ""), name
    card = (out / "README.md").read_text()
    assert "path: judgements.jsonl" in card
    assert "| judgements.jsonl |" in card
    metadata = json.loads((out / "croissant.json").read_bytes())
    assert "judgements.jsonl" in {one["@id"] for one in metadata["distribution"]}
    assert "judgements" in {one["@id"] for one in metadata["recordSet"]}
    assert "judgements.jsonl" in (out / "SHA256SUMS").read_text()
    assert json.loads((out / "publication.json").read_bytes())["judgements"] == 2
    verify_published(out)


def test_a_set_without_judgements_names_none(tmp_path: Path) -> None:
    out = publish(dataset(), tmp_path / "out")
    assert (out / "judgements.jsonl").read_bytes() == b""
    assert "raters made" not in (out / "README.md").read_text()
    assert "config_name: judgements" not in (out / "README.md").read_text()
    verify_published(out)


def test_a_changed_judgement_is_found(tmp_path: Path) -> None:
    out = publish(dataset(judgements=(judgement(),)), tmp_path / "out")
    path = out / "judgements.jsonl"
    path.write_text(path.read_text().replace('"rater-1"', '"rater-9"'))
    said = problems(out)
    assert any("judgements.jsonl" in one and "was changed" in one for one in said)
    assert any("of judgements.jsonl is of a rater who is not named" in one for one in said)


def test_a_judgement_of_nobody_and_one_of_no_issue_are_refused() -> None:
    with pytest.raises(ValueError, match="not among the raters"):
        dataset(judgements=(judgement(rater="rater-7"),))
    with pytest.raises(Exception, match="is no address of an issue"):
        dataset(judgements=(judgement(second="javascript:alert(1)"),))
