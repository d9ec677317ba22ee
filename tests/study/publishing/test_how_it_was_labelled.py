"""The card says who labelled, what they read and how they agreed, as it was."""

import json

from firstmile.study.publishing import DecidedBy, RaterFacts, ThreadFacts
from publishing.samples import decision, row
from publishing.written import documents, section

LABELLED = "How it was labelled"


def test_the_card_shows_agreement_and_screening() -> None:
    card = documents(
        screening={"recall_at_least": 0.913, "missed_estimate": 1.0, "missed_at_most": 2.5},
        screening_said=("At most 3 were missed.",),
    )["README.md"]
    assert "| first, cause | Gwet's AC1 0.500 \\[0.200, 0.800\\] |" in card
    assert (
        "| all | recall, at least: 0.913; missed failures, estimated: 1; missed failures, at "
        "most: 2.5 |" in card
    )
    assert "- At most 3 were missed." in card
    assert "How many failures the screen missed is not known" not in card
    assert "How many failures the screen missed is not known" in documents()["README.md"]


def test_a_long_list_of_figures_is_cut_on_the_card_and_whole_beside_it() -> None:
    figures = {f"number {n}": {"kappa": n / 1000} for n in range(300)}
    found = documents(agreement=figures)
    assert "100 more rows are in agreement.json." in found["README.md"]
    assert len(json.loads(found["agreement.json"])) == 300


def test_one_rater_is_not_spoken_of_as_several() -> None:
    files = documents(
        rows=(row(1, decided_by=DecidedBy.SINGLE), row(2, decided_by=DecidedBy.SINGLE)),
        decisions=(decision(1, 1, "rater-1"), decision(2, 2, "rater-1")),
        raters=(RaterFacts(name="rater-1"),),
    )
    said = section(files["README.md"], LABELLED)
    assert said.startswith("The rater read title, description and all comments and gave one")
    assert "how reliable they are is not known" in said
    assert "No issue was labelled by two raters, so how far raters agree is not known." in said
    assert "in labelling 1 person." in said
    assert "| of | figures |" not in said
    for word in ("each other", "disagree", "adjudicat", "all raters"):
        assert word not in said, word
    assert "Study of how raters agree" not in files["README.md"]
    assert "each other" not in json.loads(files["croissant.json"])["rai:dataAnnotationProtocol"]


def test_two_raters_who_agree_need_no_adjudicator() -> None:
    made = (decision(1, 1, "rater-1"), decision(2, 1, "rater-2"))
    people = (RaterFacts(name="rater-1"), RaterFacts(name="rater-2"))
    said = section(documents(rows=(row(1),), decisions=made, raters=people)["README.md"], LABELLED)
    assert "Each rater read title, description and all comments" in said
    assert "they did not see each other's labels" in said
    assert "1 on which all raters agreed" in said
    assert "in labelling 2 people." in said
    assert "an adjudicator" not in said
    judged = section(documents()["README.md"], LABELLED)
    assert "Where raters disagreed, an adjudicator saw all labels and decided." in judged
    assert "in adjudication 1 person." in judged


def test_a_model_is_said_to_have_read_a_part_of_long_threads() -> None:
    said = section(documents()["README.md"], LABELLED)
    assert "(a language model: of a long thread the beginning and the end)" in said
    assert "in labelling 1 person and 1 language model (some-model);" in said


def test_whether_imported_labels_are_blind_is_not_known() -> None:
    mine = decision(1, 1, "rater-1")
    theirs = decision(2, 1, "rater-2", explanation="imported from csv")
    said = section(documents(rows=(row(1),), decisions=(mine, theirs))["README.md"], LABELLED)
    assert "1 label was imported from files; whether raters saw each other's" in said
    only = documents(rows=(row(1),), decisions=(theirs,))["README.md"]
    assert "On the study's pages" not in section(only, LABELLED)


def test_comments_that_were_only_counted_are_not_said_to_have_been_read() -> None:
    files = documents(threads=ThreadFacts(issues=3, missing=7, bare=2))
    said = section(files["README.md"], LABELLED)
    assert "those comments that the study has" in said
    assert "(of 3 issues the source only counted 7 comments, of 2 of them all)" in said
    for name in ("README.md", "DATASHEET.md", "croissant.json"):
        assert "all comments" not in files[name], name
        assert "whole thread" not in files[name], name
        assert "For 3 of 5 rows the source only counted comments (7 in all)" in files[name], name
    assert json.loads(files["publication.json"])["missing_comments"] == {
        "issues": 3,
        "comments": 7,
    }
    assert "only counted" not in documents()["README.md"]
    bare = documents(threads=ThreadFacts(issues=5, missing=9, bare=5))
    said = section(bare["README.md"], LABELLED)
    assert "read title and description (the source only counted the 9 comments, and" in said


def test_the_confidence_of_the_intervals_is_no_figure_of_agreement() -> None:
    figures = {"first": {"confidence": 0.95, "axes": [{"axis": "cause", "kappa": 0.5}]}}
    card = documents(agreement=figures)["README.md"]
    assert "| first, cause | Cohen's kappa 0.500 |" in card
    assert "| first | confidence" not in card
