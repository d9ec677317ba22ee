"""A set labelled by a codebook of its own: read, reported, drawn, judged and compared by it."""

import json
import shutil
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from msgspec import structs

from firstmile.errors import UserError
from firstmile.rendering.document import Document, Section, all_figures, all_grids, walk
from firstmile.study import comparison
from firstmile.study.codebook_naming import named_by
from firstmile.study.judging import State, Verdict, load_claims, terms_lacking, terms_of
from firstmile.study.labelled_sets import LabelledSet, open_labelled_set
from firstmile.study.pictures import axis_colors
from firstmile.study.publishing import Versions
from firstmile.study.publishing.publishing import publish
from firstmile.study.report import Report, make_report, schema
from firstmile.study.settings import Settings, read_confusions
from firstmile.taxonomy import Axis, BoundaryRule, Taxonomy, Term, load_taxonomy, packaged_taxonomy
from publishing.samples import dataset, row

FEW = Settings(permutations=199, bootstraps=199, noise_replicates=20)


RESULTS = "3018ff085ecd9ed86424c0e4422c6df4ae454c5b9af787076dbe44de68f353c4"
"""Of the 706 published failures, by FEW, as they were before a set could bring a codebook."""


def term(axis: Axis, code: str, label: str, **changes: Any) -> Term:
    model = packaged_taxonomy().classes(axis)[0]
    return structs.replace(
        model,
        code=code,
        label=label,
        definition=f"What {label.lower()} means here.",
        **{"boundary": (), "stage": None, "formerly": (), **changes},
    )


OWN = Taxonomy(
    version="7.1",
    terms=(
        term(Axis.SYMPTOM, "no-answer", "No Answer"),
        term(
            Axis.SYMPTOM,
            "no-answer/timeout",
            "No Answer - Timed Out",
            boundary=(BoundaryRule(against="wrong-answer", rule="Nothing came at all."),),
        ),
        term(Axis.SYMPTOM, "wrong-answer", "Wrong Answer"),
        term(Axis.CAUSE, "quota", "Quota Exhausted"),
        term(Axis.CAUSE, "environment", "Environment of Ours"),
        term(Axis.STAGE, "calling", "Calling"),
        term(Axis.STAGE, "batch", "Batch"),
    ),
)

LABELS = (
    {"symptom": "no-answer/timeout", "cause": "quota", "stage": "calling"},
    {"symptom": "wrong-answer", "cause": "environment", "stage": "batch"},
    {"symptom": "no-answer/timeout", "cause": "environment", "stage": "calling"},
)


def publish_own(path: Path, codebook: Taxonomy = OWN, **changes: Any) -> Path:
    rows = tuple(row(n, **LABELS[n % 3]) for n in range(1, 61))
    versions = Versions(firstmile="0.1.0", codebook=codebook.version, redaction="1")
    whole = dataset(codebook=codebook, rows=rows, decisions=(), versions=versions, **changes)
    return publish(whole, path / "published")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_own(tmp_path_factory.mktemp("own"))


def reported(opened: LabelledSet) -> Report:
    return make_report(opened.counts, opened.facts, opened.findings, FEW)


@pytest.fixture(scope="module")
def report(published: Path) -> Report:
    return reported(open_labelled_set(str(published)))


def sections_of(document: Document) -> dict[str, Section]:
    return {section.id: section for section in walk(document.sections)}


def test_the_report_answers_by_the_labels_and_classes_of_its_own(report: Report) -> None:
    result = report.data["results"]["symptom_shares"]
    said = sections_of(report.document)

    assert [(c["code"], c["count"]) for c in result["classes"]] == [
        ("no-answer", 40),
        ("wrong-answer", 20),
    ]
    assert "No Answer" in said["symptom-shares"].sentences[0]
    drawn = json.dumps([figure.specification for figure in all_figures(report.document)])
    assert "No answer" in drawn
    assert "Timed Out" in drawn
    assert "Crash" not in drawn
    all_grids(report.document)


def test_the_report_says_which_codebook_it_used(report: Report, published: Path) -> None:
    lines = (published / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    checksum = next(line[:64] for line in lines if line.endswith("  codebook.json"))
    facts, section = dict(report.document.facts), sections_of(report.document)["codebook"]

    assert report.data["codebook"] == "7.1"
    assert report.data["own_codebook"] == {
        "name": "the codebook of A small study",
        "file": "codebook.json",
        "sha256": checksum,
    }
    assert "the codebook of A small study, version 7.1" in facts["Codebook"]
    assert any(checksum in sentence for sentence in section.sentences)
    assert not any("firstmile explain" in sentence for sentence in section.sentences)
    assert section.grids[0].rows[1][3] == "Against wrong-answer: Nothing came at all."
    written = json.loads(json.dumps(report.data))
    jsonschema.Draft202012Validator(schema()).validate(written)


def test_claims_about_terms_that_it_lacks_cannot_be_judged(report: Report) -> None:
    judged = {j.claim.id: j for j in report.judgements}
    crash = judged["crash_first_incorrect_second"]
    majority = judged["environment_causes_the_majority"]

    assert crash.verdict is Verdict.CANNOT_BE_JUDGED
    assert {c.state for c in crash.conditions} == {State.NOT_IN_CODEBOOK}
    assert (
        crash.conditions[0].would_change
        == "the codebook has no crash, incorrect, loading, hang or slow"
    )
    assert majority.verdict is not Verdict.CANNOT_BE_JUDGED
    table = next(grid for grid in all_grids(report.document) if grid.id == "claims-not-judged")
    assert any("the codebook has no crash" in str(cells[1]) for cells in table.rows)


def test_analyses_about_terms_that_it_lacks_say_so(report: Report) -> None:
    missing = report.data["missing"]

    assert missing["pooled_infrastructure"].startswith("the codebook has no crash")
    assert missing["stage_differences"] == "the codebook has no fine-tuning or inference"
    assert "Initiatives against environment of ours" in {
        grid.caption for grid in all_grids(report.document)
    }
    assert "initiatives-hardware" not in sections_of(report.document)


def test_every_claim_names_its_terms() -> None:
    by_id = {claim.id: claim for claim in load_claims()}

    assert terms_of(by_id["crashes_signal_infrastructure"]) == (
        "crash",
        "environment",
        "hardware",
        "distributed",
    )
    assert terms_of(by_id["inference_is_balanced"]) == ("inference", "crash", "incorrect")
    assert terms_of(by_id["preprint_count_in_the_data_set"]) == ()
    assert not any(terms_lacking(claim, packaged_taxonomy()) for claim in by_id.values())


def test_another_codebook_leaves_no_trace_in_the_next_report(report: Report) -> None:
    assert load_taxonomy() is packaged_taxonomy()
    with named_by(OWN):
        assert list(axis_colors("symptom").places) == ["No answer", "Wrong answer"]
    assert "Crash" in axis_colors("symptom").places


@pytest.mark.parametrize("part", ["failures.jsonl", "failures.parquet", "open-llm-failures", ""])
def test_any_part_of_a_published_folder_is_read_by_its_codebook(published: Path, part: str) -> None:
    opened = open_labelled_set(str(published / part))

    assert opened.counts.taxonomy.version == "7.1"
    assert opened.counts.total == 60
    assert not opened.facts.is_published_set


def test_a_study_labelled_by_the_codebook_that_comes_along_is_reported_as_before(
    tmp_path: Path,
) -> None:
    folder = publish(dataset(), tmp_path / "published")
    plain = tmp_path / "plain"
    plain.mkdir()
    for name in ("failures.jsonl", "study.toml"):
        (plain / name).write_bytes((folder / name).read_bytes())
    sides = [reported(open_labelled_set(str(one))).data for one in (folder, plain)]

    assert "own_codebook" not in sides[0]
    assert json.dumps(sides[0]["results"]) == json.dumps(sides[1]["results"])
    assert json.dumps(sides[0]["claims"]) == json.dumps(sides[1]["claims"])


def own_folder(path: Path) -> Path:
    """Write a labelled set whose study.toml names a codebook folder."""
    for axis, name in ((Axis.SYMPTOM, "symptoms"), (Axis.CAUSE, "causes"), (Axis.STAGE, "stages")):
        folder = path / "book" / name
        folder.mkdir(parents=True)
        for one in OWN.of(axis):
            with (folder / "all.toml").open("a", encoding="utf-8") as file:
                file.write(
                    f"[[term]]\ncode = {json.dumps(one.code)}\nlabel = {json.dumps(one.label)}\n"
                    'definition = "d"\nincludes = []\nexcludes = []\nboundary = []\n'
                    'written_from = []\nexample = {url = "https://example.org", line = "l"}\n'
                )
    (path / "book/codebook.toml").write_text(
        'version = "3"\n[classes]\nsymptom = ["no-answer", "wrong-answer"]\n'
        'cause = ["quota", "environment"]\nstage = ["calling", "batch"]\n',
        encoding="utf-8",
    )
    (path / "set.csv").write_text(
        "symptom,cause,stage\n" + "No Answer - Timed Out,quota,calling\n" * 5, encoding="utf-8"
    )
    (path / "study.toml").write_text(
        '[data]\nfiles = ["set.csv"]\ncodebook = "book"\n', encoding="utf-8"
    )
    return path


def test_a_study_toml_may_name_a_codebook_folder(tmp_path: Path) -> None:
    folder = own_folder(tmp_path)
    opened = open_labelled_set(str(folder))
    origin = opened.counts.taxonomy.origin

    assert opened.counts.total == 5
    assert origin is not None
    assert (origin.name, origin.file, len(origin.sha256)) == ("the codebook book", "book/", 64)
    stages = folder / "book/stages/all.toml"
    stages.write_text(stages.read_text(encoding="utf-8") + "# more\n", encoding="utf-8")
    changed = open_labelled_set(str(folder)).counts.taxonomy.origin
    assert changed is not None
    assert changed.sha256 != origin.sha256


def test_a_label_that_its_codebook_lacks_names_the_place_to_look(tmp_path: Path) -> None:
    folder = own_folder(tmp_path)
    (folder / "set.csv").write_text("symptom,cause,stage\ncrash,quota,calling\n", encoding="utf-8")
    with pytest.raises(UserError, match="see book/ for the labels"):
        open_labelled_set(str(folder))


def refusal(folder: Path, data: bytes) -> str:
    (folder / "codebook.json").write_bytes(data)
    with pytest.raises(UserError) as caught:
        open_labelled_set(str(folder))
    sentence = str(caught.value)
    assert sentence.isprintable()
    assert "codebook.json" in sentence
    assert len(sentence) < 800
    return sentence


def first_term(**changes: Any) -> bytes:
    terms = [
        {"axis": t.axis.value, "code": t.code, "label": t.label, "definition": t.definition}
        for t in OWN.terms
    ]
    return json.dumps({"version": "7.1", "terms": [terms[0] | changes, *terms[1:]]}).encode()


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "no JSON object"),
        (b"[" * 100_000, "no JSON object"),
        (b'{"version": "\xff"}', "is not UTF-8"),
        (b'{"version": "1", "terms": {}}', "no JSON object"),
        (b'{"version": "1", "terms": []}', "has no symptom"),
        (first_term(axis="mood"), "no JSON object"),
        (first_term(code="../../etc"), "has no code of small letters"),
        (first_term(code="a/b/c/d"), "in at most three levels"),
        (first_term(code="a" * 200), "has no code"),
        (first_term(code="wrong-answer", label="Twice"), "defines wrong-answer twice"),
        (first_term(code="other"), "no-answer/timeout without the term above"),
        (first_term(label="\u202eevil"), "has no label"),
        (first_term(label="x" * 400), "has no label"),
        (first_term(label="wrong  ANSWER"), "one label"),
        (first_term(definition="\x1b[31m"), "control character"),
        (first_term(definition="x" * 20_000), "no text of at most 10,000"),
        (first_term(stage="never"), "names a stage that it does not have"),
        (first_term(includes=["i"] * 201), "a list of more than 200"),
        (b'{"version": "\\ud800", "terms": []}', "cannot be used"),
    ],
)
def test_an_unfit_codebook_is_one_sentence(tmp_path: Path, data: bytes, told: str) -> None:
    assert told in refusal(publish_own(tmp_path), data)


def test_a_codebook_of_too_many_terms_is_refused(tmp_path: Path) -> None:
    read = json.loads(first_term())
    more = [read["terms"][0] | {"code": f"c{n}", "label": f"Label {n}"} for n in range(300)]
    data = json.dumps({"version": "1", "terms": read["terms"] + more}).encode()
    assert "it can have 200" in refusal(publish_own(tmp_path), data)


def test_a_huge_codebook_is_not_read(tmp_path: Path) -> None:
    folder = publish_own(tmp_path)
    (folder / "codebook.json").write_bytes(b" " * (5 * 1024 * 1024))
    with pytest.raises(UserError, match="holds more than 4 MiB"):
        open_labelled_set(str(folder))


def test_sets_of_different_codebooks_are_compared_in_what_both_have(
    published: Path, tmp_path: Path
) -> None:
    other = publish(dataset(), tmp_path / "published")
    sides = [open_labelled_set(str(one)) for one in (published, other)]
    rows = tuple(row(n, cause="environment") for n in range(1, 31))
    sides[1] = open_labelled_set(str(publish(dataset(rows=rows, decisions=()), tmp_path / "more")))
    with named_by(sides[0].counts.taxonomy):
        found = comparison.compare(
            sides[0].counts, sides[1].counts, names=("mine", "theirs"), settings=FEW
        )
        said = " ".join(comparison.sentences(found))

    assert "labelled by different codebooks" in said
    assert "mine by the codebook of A small study, version 7.1" in said
    assert "theirs by the codebook of firstmile" in said
    assert "root cause: 20 of mine and 0 of theirs" in said
    assert "read differently in the two, so a change may be one of words: environment" in said
    assert "Not compared: symptom: one of the sets has no failure with a term" in said
    assert {drift.axis for drift in found.axes} == {"cause", "cause_leaf"}
    json.dumps(comparison.data(found, sides[0].facts, sides[1].facts))


def test_sets_of_one_codebook_are_compared_without_a_word_on_it(published: Path) -> None:
    opened = open_labelled_set(str(published))
    found = comparison.compare(opened.counts, opened.counts, names=("a", "b"), settings=FEW)

    assert found.codebooks is None
    assert "codebook" not in " ".join(comparison.sentences(found))


def test_confusions_are_read_by_the_classes_of_its_own(published: Path, tmp_path: Path) -> None:
    path = tmp_path / "confusion.csv"
    path.write_text(",no-answer,Wrong Answer\nno-answer,9,1\nWrong Answer,1,9\n", encoding="utf-8")
    opened = open_labelled_set(str(published))
    with named_by(opened.counts.taxonomy):
        settings = replace(FEW, confusions=read_confusions([f"symptom={path}"]))
    made = make_report(opened.counts, opened.facts, opened.findings, settings)

    assert made.data["results"]["label_noise"]["given_for"] == ("symptom",)


def test_a_zip_of_a_published_folder_brings_its_codebook(published: Path, tmp_path: Path) -> None:
    packed = shutil.make_archive(str(tmp_path / "set"), "zip", published)
    assert open_labelled_set(packed).counts.taxonomy.version == "7.1"


def rounded(value: Any) -> Any:
    """Round what another version of the numerical libraries may compute a little differently."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(item) for item in value]
    return round(value, 6) + 0.0 if isinstance(value, float) else value


def test_the_published_set_keeps_its_results(data_folder: Path) -> None:
    """Handing a codebook along changes nothing where none was brought along."""
    data = reported(open_labelled_set(str(data_folder / "open-llm-failures"))).data
    text = json.dumps(rounded([data["codebook"], data["results"], data["missing"]]))

    assert "own_codebook" not in data
    assert sha256(text.encode()).hexdigest() == RESULTS
