"""Labels to and from Label Studio."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from exchange.samples import CODEBOOK, KNOWN, RATERS, USERS, address, an_issue, labels
from firstmile.errors import UserError
from firstmile.study.decisions import Confidence, LabelValue
from firstmile.study.exchange import (
    Known,
    RaterLabel,
    label_studio_tasks,
    labeling_config,
    read_label_studio,
)
from firstmile.taxonomy import Axis


def write(folder: Path, tasks: Any) -> Path:
    path = folder / "export.json"
    path.write_text(tasks if isinstance(tasks, str) else json.dumps(tasks), encoding="utf-8")
    return path


def result(name: str, kind: str, value: Any) -> dict[str, Any]:
    """Return a result item as Label Studio 1.x exports it."""
    key = "text" if kind == "textarea" else kind
    return {
        "value": {key: value},
        "id": "Dx_aB91ISN",
        "from_name": name,
        "to_name": "text",
        "type": kind,
        "origin": "manual",
    }


def task(*results: Any, **annotation: Any) -> list[dict[str, Any]]:
    """Return an export of one task with one annotation."""
    return [
        {
            "id": 1,
            "data": {"issue": address(1), "text": "x", "round": 2},
            "annotations": [
                {
                    "id": 9,
                    "completed_by": 3,
                    "result": list(results),
                    "was_cancelled": False,
                    "lead_time": 4.2,
                    "result_count": len(results),
                }
                | annotation
            ],
            "drafts": [],
            "predictions": [],
            "project": 83,
        }
    ]


MEMORY = result("symptom", "taxonomy", [["Crash", "CUDA Error", "Out of Memory"]])
UNTOLD = result("cannot_tell", "choices", ["cause", "stage"])


@given(labels(texts=st.text()))
@hypothesis_settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_labels_read_back_as_they_were(tmp_path: Path, given_labels: list[RaterLabel]) -> None:
    issues = [an_issue(number) for number in range(5)]
    path = write(tmp_path, label_studio_tasks(issues, CODEBOOK, labels=given_labels, users=USERS))
    found = read_label_studio(path, KNOWN)
    assert sorted(found.labels, key=repr) == sorted(given_labels, key=repr)
    assert found.without_labels == 0


def test_an_export_of_label_studio_is_read(tmp_path: Path) -> None:
    tasks = task(
        MEMORY,
        result("cannot_tell", "choices", ["cause"]),
        result("confidence", "choices", ["guess"]),
        result("quote", "textarea", ["CUDA out of memory"]),
        result("stage", "taxonomy", [["Inference"]]),
    )
    (label,) = read_label_studio(write(tmp_path, tasks), KNOWN).labels
    assert label == RaterLabel(
        issue=address(1),
        rater="ann",
        round=2,
        value=LabelValue(
            symptom="crash/cuda/out-of-memory",
            stage="inference",
            confidence=Confidence.GUESS,
            quote="CUDA out of memory",
            cannot_tell=("cause",),
        ),
    )


@pytest.mark.parametrize(
    "user", [7, "7", {"id": 7}, {"id": 99, "email": "cid@example.com"}, {"email": "cid"}]
)
def test_a_user_is_known_by_number_or_address(tmp_path: Path, user: Any) -> None:
    users = {"7": "cid", "cid@example.com": "cid"}
    known = Known(codebook=CODEBOOK, raters=RATERS, users=users)
    path = write(tmp_path, task(MEMORY, UNTOLD, completed_by=user))
    assert read_label_studio(path, known).labels[0].rater == "cid"


def test_a_file_of_one_rater_needs_no_users(tmp_path: Path) -> None:
    path = write(tmp_path, task(MEMORY, UNTOLD, completed_by=None))
    assert read_label_studio(path, KNOWN, rater="ben").labels[0].rater == "ben"


def test_cancelled_and_empty_annotations_are_counted(tmp_path: Path) -> None:
    tasks = task(MEMORY, was_cancelled=True) + task() + task(result("confidence", "choices", []))
    found = read_label_studio(write(tmp_path, tasks), KNOWN)
    assert found.labels == ()
    assert found.without_labels == 3


@pytest.mark.parametrize(
    ("tasks", "says"),
    [
        ("{", "export.json is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ({}, "is no list of tasks"),
        ([{"annotations": []}], "task 1: it has no data"),
        ([{"data": {}}], "task 1: its data has no issue"),
        ([{"data": {"issue": 5}}], "task 1: its data has no issue"),
        ([{"data": {"issue": "x"}, "annotations": [5]}], "task 1: an annotation is no object"),
        (task(result=None), "task 1: an annotation has no list of results"),
        (task(5), "is no control"),
        (task(result("mood", "choices", ["good"])), 'task 1: "mood" is no control'),
        (task(MEMORY, MEMORY), "task 1: symptom stands twice"),
        (task(MEMORY, completed_by=4), 'task 1: "4" is no rater.*known: ann, ben, cid, 3'),
        (task(MEMORY, completed_by=True), "does not say who made it"),
        (task(MEMORY, completed_by={}), "does not say who made it"),
        (
            task(result("symptom", "taxonomy", [["Crash", "CUDA Eror"]])),
            'task 1: "Crash - CUDA Eror" is no symptom .* nearest: "Crash - CUDA Error"',
        ),
        (task(result("symptom", "taxonomy", [["Hang"], ["Crash"]])), "more than one symptom"),
        (task(result("symptom", "taxonomy", [[5]])), "value of symptom is none that"),
        (task(result("symptom", "choices", 5)), "value of symptom is none that"),
        (task(MEMORY, UNTOLD) + task(MEMORY, UNTOLD), "task 2: .* a second time .first at task 1."),
        (
            task(MEMORY, result("confidence", "choices", ["certain"])),
            'task 1: "certain" is no confidence',
        ),
        (task(MEMORY, result("cannot_tell", "choices", ["symptom"])), "has a code and yet"),
        (task(MEMORY), "task 1, control cause: The cause needs a term, or else “cannot tell”"),
        (task(result("note", "textarea", ["?"])), "task 1, control symptom: The symptom needs"),
    ],
)
def test_a_bad_export_is_one_sentence_that_names_the_task(
    tmp_path: Path, tasks: Any, says: str
) -> None:
    with pytest.raises(UserError, match=says) as caught:
        read_label_studio(write(tmp_path, tasks), KNOWN)
    assert "\n" not in str(caught.value)


def test_the_configuration_offers_every_term_by_its_published_name() -> None:
    view = ElementTree.fromstring(labeling_config(CODEBOOK))
    for axis in Axis:
        (taxonomy,) = (each for each in view.iter("Taxonomy") if each.get("name") == axis.value)
        assert sorted(paths(taxonomy)) == sorted(term.label for term in CODEBOOK.of(axis))
    targets = {each.get("toName") for each in view.iter() if each.get("toName")}
    assert targets == {each.get("name") for each in view.iter("Text")}


def paths(element: ElementTree.Element, above: str = "") -> list[str]:
    found = []
    for choice in element.findall("Choice"):
        label = f"{above} - {choice.get('value')}" if above else str(choice.get("value"))
        found += [label, *paths(choice, label)]
    return found


def test_terms_that_cannot_apply_are_not_offered() -> None:
    text = labeling_config(CODEBOOK, ecosystem="closed-source-sdk")
    assert "GPU Memory Insufficiency" not in text
    assert "Configuration and Parameter Setting Errors" in text


def test_tasks_without_labels_keep_raters_blind() -> None:
    tasks = json.loads(label_studio_tasks([an_issue(1)], CODEBOOK, pilot_round=2))
    assert tasks[0].keys() == {"data"}
    assert tasks[0]["data"]["issue"] == address(1)
    assert tasks[0]["data"]["round"] == 2
    assert tasks[0]["data"]["text"].endswith("\n\n\ufffd \u202e ]]> </Text> ?")


def test_a_rater_without_a_user_is_named() -> None:
    label = RaterLabel(issue=address(1), rater="ann", value=LabelValue(stage="inference"))
    with pytest.raises(UserError, match='The rater "ann" needs a user of Label Studio'):
        label_studio_tasks([an_issue(1)], CODEBOOK, labels=[label])
