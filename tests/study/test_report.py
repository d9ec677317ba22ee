"""The report as it is written: complete, repeatable, and the same in every place."""

import csv
import json
from pathlib import Path

import jsonschema
import pytest

from firstmile.rendering.converting import Converter
from firstmile.rendering.document import Document, Figure, Section, all_figures, all_grids
from firstmile.rendering.figures import begin_figure
from firstmile.study.judging import load_claims
from firstmile.study.labelled_sets import EMBEDDED, open_labelled_set
from firstmile.study.report import Report, make_report, schema
from firstmile.study.settings import Settings
from firstmile.study.writing import write_report

FEW = Settings(permutations=199, bootstraps=199, noise_replicates=20)


def report_of(source: str) -> Report:
    opened = open_labelled_set(source)
    return make_report(opened.counts, opened.facts, opened.findings, FEW)


@pytest.fixture(scope="module")
def embedded() -> Report:
    """Return the report of the embedded figures."""
    return report_of(EMBEDDED)


@pytest.fixture(scope="module")
def published(data_folder: Path) -> Report:
    """Return the report of the published rows."""
    return report_of(str(data_folder / "open-llm-failures"))


@pytest.fixture(scope="module")
def written(embedded: Report, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Write the same report twice: drawn when it is complete, and while it is made."""
    folders = tmp_path_factory.mktemp("reports")
    with Converter(workers=1) as converter:
        write_report(embedded, folders / "one", converter=converter)
    opened = open_labelled_set(EMBEDDED)
    begun = []
    with Converter() as converter:

        def draw(figure: Figure) -> None:
            begun.append(begin_figure(figure, converter))

        report = make_report(opened.counts, opened.facts, opened.findings, FEW, draw=draw)
        write_report(report, folders / "two", converter=converter)
    assert len(begun) == len(all_figures(report.document)) - 1, "all but that of the claims"
    return folders / "one", folders / "two"


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.long
def test_the_same_source_gives_the_same_bytes_whenever_its_figures_are_drawn(
    written: tuple[Path, Path],
) -> None:
    """All but PDF, in which the converter orders the objects at random."""
    one, two = map(files_of, written)

    assert sorted(one) == sorted(two)
    assert [n for n in one if one[n] != two[n] and not n.endswith(".pdf")] == []


def test_every_figure_and_table_of_the_report_is_a_file(
    embedded: Report, written: tuple[Path, Path]
) -> None:
    document = embedded.document
    names = set(files_of(written[0]))

    for figure in all_figures(document):
        assert {f"figures/{figure.id}.{e}" for e in ("svg", "png", "pdf")} <= names
    for grid in all_grids(document):
        assert {f"tables/{grid.id}.csv", f"tables/{grid.id}.tex"} <= names
    assert {"index.html", "report.json", "report.schema.json"} <= names


def test_the_data_is_valid_by_the_schema_beside_it(written: tuple[Path, Path]) -> None:
    data = json.loads((written[0] / "report.json").read_text(encoding="utf-8"))
    rules = json.loads((written[0] / "report.schema.json").read_text(encoding="utf-8"))

    assert rules == json.loads(json.dumps(schema()))
    jsonschema.Draft202012Validator(rules).validate(data)
    assert [claim["claim"]["id"] for claim in data["claims"]] == [c.id for c in load_claims()]


def test_a_table_on_disk_holds_the_published_counts(written: tuple[Path, Path]) -> None:
    path = written[0] / "tables/symptom-by-cause-counts.csv"
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))

    assert rows[0][0] == "Symptom"
    assert rows[1][0] == "Crash"
    assert [float(cell) for cell in rows[1][1:]] == [100, 51, 25, 26, 24, 4, 41, 22, 2, 295]


def test_what_needs_rows_says_so_in_its_place(embedded: Report) -> None:
    document = embedded.document
    sections = {s.id: s for top in document.sections for s in (top, *top.sections)}

    for name in ("double-coded-issues", "open-and-closed", "data-quality", "creation-time"):
        assert "Not known from this source" in (sections[name].missing or ""), name
        assert sections[name].sentences == ()


def test_one_series_only_is_answered_as_far_as_it_goes(tmp_path: Path) -> None:
    """All but the series is answered; the summary names what is not, and why."""
    path = tmp_path / "one.csv"
    row = "crash/process-killed,hardware/cpu-memory,{},Qwen\n"
    other = "hang/generation,configuration/inference,{},Qwen\n"
    stages = ("inference", "fine-tuning")
    lines = [line.format(stage) for line in (row, other) for stage in stages for _ in range(9)]
    path.write_text("symptom,cause,stage,series\n" + "".join(lines), encoding="utf-8")

    report = report_of(str(path))
    summary = report.document.summary[-1]
    sections = {s.id: s for top in report.document.sections for s in (top, *top.sections)}

    assert summary.startswith(
        "Not answered: symptoms by series and root causes by series (its failures are all of one "
        "series); how alike the series are (the source has one series only, so there is nothing "
        "to compare); "
    )
    for name in ("symptom-by-series", "cause-by-series", "series-similarity"):
        assert "one series" in (sections[name].missing or ""), name
    assert sections["symptom-by-cause"].sentences
    assert sections["stage-differences"].sentences
    assert report.data["results"]["series_similarity"] is None


OF_THE_PUBLISHED_SET = ("after seeing the data", "after seeing the counts", "dated before")
"""Words of remarks on the failures that the claims were made of."""


def printed(document: Document) -> str:
    """Return all notes and cells of a report."""
    sections = [s for top in document.sections for s in (top, *top.sections)]
    notes = [note for section in sections for note in section.notes]
    grids = [grid for section in sections for grid in section.grids]
    cells = [str(cell) for grid in grids for row in grid.rows for cell in row]
    return "\n".join([*notes, *(grid.note or "" for grid in grids), *cells])


def test_remarks_on_the_published_set_stand_in_its_own_report_alone(
    embedded: Report, tmp_path: Path
) -> None:
    path = tmp_path / "mine.csv"
    line = "crash/process-killed,hardware/cpu-memory,inference\n"
    path.write_text("symptom,cause,stage\n" + line * 5, encoding="utf-8")
    own, of_its_own = printed(report_of(str(path)).document), printed(embedded.document)

    for words in OF_THE_PUBLISHED_SET:
        assert words not in own
    assert all(words in of_its_own for words in OF_THE_PUBLISHED_SET[:2])
    assert "The order of versions is our reading" not in own


def test_what_a_source_does_not_give_is_said_without_keys(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    line = "crash/process-killed,hardware/cpu-memory,inference\n"
    path.write_text("symptom,cause,stage\n" + line * 5, encoding="utf-8")
    own = printed(report_of(str(path)).document)

    assert "there is no answer to" in own
    assert "in these results" not in own


def publish_rows(folder: Path, publication: str) -> Path:
    folder.mkdir(exist_ok=True)
    line = "crash/process-killed,hardware/cpu-memory,inference\n"
    (folder / "set.csv").write_text("symptom,cause,stage\n" + line * 5, encoding="utf-8")
    (folder / "study.toml").write_text('[data]\nfiles = ["set.csv"]\n', encoding="utf-8")
    (folder / "publication.json").write_text(publication, encoding="utf-8")
    return folder


@pytest.mark.parametrize("named", ["", "study.toml"])
def test_a_published_study_is_called_by_its_name(
    embedded: Report, tmp_path: Path, named: str
) -> None:
    folder = publish_rows(tmp_path / "published", '{"name": "A study\\nof engines \\u001b[31m"}')
    document = report_of(str(folder / named)).document

    assert document.title == "How language models fail: A study of engines \\x1b[31m"
    assert document.subtitle == "5 labelled failures from A study of engines \\x1b[31m"
    assert embedded.document.title.startswith("How open-weight language models fail")


@pytest.mark.parametrize("text", ["", "[]", '{"name": 7}', '{"name": " "}', "\udc80"])
def test_a_publication_without_a_name_is_called_by_its_folder(tmp_path: Path, text: str) -> None:
    folder = publish_rows(tmp_path / "mine", "{}")
    (folder / "publication.json").write_bytes(text.encode(errors="surrogateescape"))

    assert report_of(str(folder)).document.subtitle == "5 labelled failures from mine"


def test_classes_without_failures_are_named(tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    line = "crash/process-killed,hardware/cpu-memory,inference\n"
    path.write_text("symptom,cause,stage\n" + line * 5, encoding="utf-8")

    sections = {s.id: s for top in report_of(str(path)).document.sections for s in top.sections}
    said = sections["symptom-shares"].sentences

    assert said[-1].startswith("No failure carries Incorrect Functionality, Loading Failure, ")


def test_the_published_figures_say_once_what_needs_rows(embedded: Report) -> None:
    summary = embedded.document.summary[-1]

    assert summary.startswith("Not answered: ")
    assert summary.endswith("(needs the rows).")
    assert summary.count("needs the rows") == 1


def test_the_data_quality_page_shows_what_the_rules_found(published: Report) -> None:
    quality = next(s for s in published.document.sections if s.id == "data-quality")
    found = {row[0]: row[1] for row in grid_of(quality, "data-quality")}
    places = grid_of(quality, "data-quality-places")

    assert found["issue-labelled-twice"] == "warn"
    assert found["record-repeated"] == "pass"
    assert sum(row[0] == "issue-labelled-twice" for row in places) == 6
    assert len(grid_of(quality, "files")) == 14


def grid_of(section: Section, name: str) -> list[tuple[object, ...]]:
    return [tuple(row) for grid in section.grids if grid.id == name for row in grid.rows]


def test_no_path_of_the_machine_stands_in_a_report(published: Report, data_folder: Path) -> None:
    text = json.dumps(published.data)

    assert str(data_folder) not in text
    assert str(Path.home()) not in text
