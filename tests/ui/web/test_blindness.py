"""What a rater may see and decide, and what is refused with a sentence."""

from collections.abc import Callable

import pytest

from firstmile.study.decisions import Step
from firstmile.study.folder import StudyFolder
from ui.web.served import Served, sent
from ui.web.studies import include_all, label, url_of

Serve = Callable[..., Served]
LABELS = {"symptom": "loading", "cause": "environment", "stage": "inference"}


def test_rater_sees_nothing_of_another_before_adjudication(
    to_label: StudyFolder, serve: Serve
) -> None:
    said = {"quote": "ben's quote", "note": "ben's note", **LABELS}
    label(to_label, url_of(1), "ben", codebook="0.1", **said)
    with serve(to_label).client("ada") as client:
        address = f"?issue={url_of(1)}"
        for path in (
            f"/label{address}",
            f"/label.json{address}",
            "/issues/acme/engine/1",
            "/issues/acme/engine/1.json",
            "/issues.json",
            "/adjudicate",
            "/adjudicate/history",
        ):
            text = client.get(path).text
            assert "ben's" not in text
            assert "ben&#39;s" not in text
        assert client.get(f"/label.json{address}").json()["mine"] is None
        assert client.get("/issues/acme/engine/1.json").json()["place"] == "to label"
        assert client.get(f"/adjudicate.json{address}").status_code == 404


def test_rater_cannot_label_anew_after_the_labels_were_compared(
    to_label: StudyFolder, serve: Serve
) -> None:
    label(to_label, url_of(1), "ada", **LABELS)
    label(to_label, url_of(1), "ben", **{**LABELS, "symptom": "hang"})
    with serve(to_label).client("ada") as client:
        assert client.get("/adjudicate.json").json()["raters"]["differ"] == ["symptom"]
        assert client.post("/label/undo", json=sent(url_of(1))).status_code == 409
        assert client.post("/label", json=sent(url_of(1), LABELS)).status_code == 409
        assert client.get(f"/label?issue={url_of(1)}").status_code == 404


def test_rater_decides_only_in_own_steps(study: StudyFolder, serve: Serve) -> None:
    include_all(study)
    text = (study.path / "study.toml").read_text() + '[label]\nraters = ["ben"]\n'
    (study.path / "study.toml").write_text(text)
    with serve(StudyFolder(study.path)).client("ada") as client:
        assert client.get("/label").status_code == 403
        answer = client.post("/label", json=sent(url_of(1), LABELS))
        assert answer.status_code == 403
        assert "no part" in answer.json()["error"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({**LABELS, "symptom": "crash/nothing"}, "no symptom of the codebook"),
        ({**LABELS, "symptom": "environment"}, "no symptom of the codebook"),
        ({**LABELS, "symptom": None}, "needs a term"),
        ({**LABELS, "cannot_tell": ["symptom"]}, "needs a term"),
        ({**LABELS, "confidence": "certain"}, "cannot be read"),
        ({**LABELS, "note": "x" * 5_000}, "longer than"),
        ({**LABELS, "more": 1}, "cannot be read"),
        ({**LABELS, "suggested": {"mood": "x"}}, "no code of an axis"),
        ({**LABELS, "suggested": {"cause": "x" * 9_000}}, "no code of an axis"),
        ({**LABELS, "symptom": None, "cannot_tell": ["symptom"] * 2}, "named twice"),
        (None, "cannot be read"),
    ],
)
def test_decision_that_is_not_as_agreed_is_refused_with_a_sentence(
    labelling: Served, value: object, words: str
) -> None:
    with labelling.client("ada") as client:
        answer = client.post("/label", json=sent(url_of(1), value))
        assert answer.status_code == 400
        assert words in answer.json()["error"]
        missing = client.post("/label", json=sent(url_of(999), LABELS))
        assert missing.status_code == 409
    with labelling.folder.decisions() as decisions:
        assert decisions.history(step=Step.LABEL) == []


def test_same_key_is_recorded_once_and_never_another_raters(
    to_label: StudyFolder, serve: Serve
) -> None:
    served = serve(to_label)
    message = sent(url_of(1), LABELS)
    with served.client("ada") as ada, served.client("ben") as ben:
        first = ada.post("/label", json=message).json()
        again = ada.post("/label", json=message).json()
        other = ben.post("/label", json=message).json()
    assert first["id"] == again["id"] != other["id"]
    with to_label.decisions() as decisions:
        assert [one.rater for one in decisions.current(Step.LABEL)] == ["ada", "ben"]
