"""What the tests of gathering begin with: a study of planted words, and its decisions."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from firstmile.study.decisions import Decisions, Step
from firstmile.study.folder import StudyFolder
from publishing.planted import OPTIONS, PLANTED
from publishing.samples import LABELS, decide, issue_node, label_all, make_folder


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    """Return a study of six issues: labels agreed, adjudicated, excluded, open and doubled."""
    comment = {"body": PLANTED["comment"], "author": {"login": PLANTED["login"]}}
    body = f"{PLANTED['body']} {PLANTED['address']} 2025-01-01T09:08:07Z"
    nodes = [issue_node(number) for number in range(1, 7)]
    nodes[0] = {
        **issue_node(1, title=PLANTED["title"], body=body),
        "authorAssociation": PLANTED["association"],
        "comments": {"totalCount": 1, "nodes": [comment]},
    }
    original = {"url": "https://github.com/owner/name/issues/1"}
    mark = {"__typename": "MarkedAsDuplicateEvent", "canonical": original}
    nodes[5] = {**nodes[5], "timelineItems": {"nodes": [mark]}}
    folder = make_folder(tmp_path / "study", nodes)
    text = (folder.path / "study.toml").read_text() + "# my own remark on wolverines\n"
    labelling = '\n[label]\nraters = ["annegret", "bartholomew"]\n'
    (folder.path / "study.toml").write_text(text + OPTIONS + labelling)
    del folder.__dict__["design"]
    return folder


@pytest.fixture
def decisions(study: StudyFolder) -> Iterator[Decisions]:
    with study.decisions() as found:
        words = {"quote": PLANTED["quote"], "note": PLANTED["note"]}
        label_all(found, [1, 2], **words)
        label_all(found, [3])
        decide(found, 3, Step.LABEL, "bartholomew", **{**LABELS, "symptom": "hang/generation"})
        final = {**LABELS, "confidence": "probable", **words}
        decide(found, 3, Step.ADJUDICATE, "annegret", because=PLANTED["reason"], **final)
        for rater in ("annegret", "bartholomew"):
            decide(found, 4, Step.SCREEN, rater, include=False, reason=PLANTED["reason"])
        decide(found, 2, Step.LABEL, "helper", **LABELS)
        yield found
