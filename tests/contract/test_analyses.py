"""One suite over all analyses: each asks, answers, shows its example, and never breaks."""

import ast
import inspect
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any, cast

import jsonschema
import msgspec
import numpy as np
import pytest

from firstmile.rendering.document import Figure, Grid, all_figures, all_grids
from firstmile.study import (
    association,
    breakdown,
    comparison,
    contrasts,
    crosstab,
    estimates,
    judging,
)
from firstmile.study.analysis import (
    Analysis,
    Chapter,
    Outcome,
    analysis_id,
    find_analyses,
    question,
    run_analyses,
)
from firstmile.study.counts import NotKnown, RowCounts
from firstmile.study.failures import Column, Failures, merge
from firstmile.study.origin import SourceFacts
from firstmile.study.plain import plain
from firstmile.study.report import Report, make_report, schema
from firstmile.study.settings import Settings
from firstmile.study.worked import rows

ANALYSES = tuple(find_analyses())
FEW = Settings(permutations=199, bootstraps=200, noise_replicates=50)
"""Settings under which the suite stays quick; no test here depends on the number of draws."""

FACTS = SourceFacts(name="some failures", format="rows", has_rows=True)

each = pytest.mark.parametrize("analysis", ANALYSES, ids=analysis_id)


@pytest.fixture(scope="module")
def worked() -> dict[str, Any]:
    """Return the result of every worked example."""
    return {analysis_id(a): a.compute(a.EXAMPLE.counts, FEW) for a in ANALYSES}


@pytest.fixture(scope="module")
def published_report(published_rows: RowCounts) -> Report:
    return make_report(published_rows, FACTS, (), FEW)


def as_bytes(outcomes: Mapping[str, Outcome]) -> dict[str, bytes]:
    """Return every outcome as JSON, or the reason why there is none."""
    return {
        name: json.dumps(plain(o.result), sort_keys=True).encode()
        if o.missing is None
        else o.missing.encode()
        for name, o in outcomes.items()
    }


def test_the_planned_analyses_are_there() -> None:
    assert {
        "symptom_shares",
        "cause_shares",
        "symptom_by_cause",
        "leaf_symptom_by_leaf_cause",
        "symptom_by_series",
        "cause_by_series",
        "series_similarity",
        "symptom_by_stage",
        "cause_by_stage",
        "stage_differences",
        "version_changes",
        "creation_time",
        "repositories_and_architecture",
        "open_and_closed",
        "double_coded_issues",
        "label_noise",
    } <= {analysis_id(analysis) for analysis in ANALYSES}


@each
def test_the_docstring_asks_a_question(analysis: Analysis) -> None:
    assert question(analysis).endswith("?")
    assert "?" not in question(analysis)[:-1]


@each
def test_an_analysis_has_its_place_in_the_report(analysis: Analysis) -> None:
    assert analysis.HEADING
    assert analysis.HEADING[0].isupper()
    assert isinstance(analysis.CHAPTER, Chapter)
    assert analysis.PLACE >= 1
    for name in ("compute", "sentences", "grids", "figures"):
        assert (getattr(analysis, name).__doc__ or "").strip().endswith(".")


def test_no_two_analyses_share_a_heading_or_a_place() -> None:
    assert len({a.HEADING for a in ANALYSES}) == len(ANALYSES)
    assert len({(a.CHAPTER, a.PLACE) for a in ANALYSES}) == len(ANALYSES)


def test_the_report_asks_in_the_order_of_its_chapters() -> None:
    order = [list(Chapter).index(a.CHAPTER) for a in ANALYSES]
    assert order == sorted(order)


@each
def test_the_worked_example_comes_out_as_by_hand(
    analysis: Analysis, worked: Mapping[str, Any]
) -> None:
    assert analysis.EXAMPLE.check(worked[analysis_id(analysis)]) is True


@each
def test_a_wrong_result_fails_the_worked_example(analysis: Analysis) -> None:
    """Give the check the result on other failures, and it must not be content."""
    other = rows(
        ("slow/loading", "corruption/checkpoint", "inference", 7),
        ("hang/generation", "api/call-sequence", "fine-tuning", 31),
        ("slow/inference", "api/call-sequence", "inference", 32),
        ("crash/assertion", "configuration/inference", "inference", 33),
        ("incorrect/generation/repetitive", "algorithm/attention", "fine-tuning", 34),
        issue=tuple("abcde"),
        series=tuple("AABAA"),
        version=("one", "two", "three", "one", "two"),
        repository=tuple("abccb"),
        architecture=("Dense", "MoE", "Dense", "MoE", "MoE"),
        status=("open", "closed", "closed", "open", "open"),
        created=("2023-01-01", "2023-05-05", "2023-09-09", "2024-01-01", "2024-05-05"),
    )
    result = analysis.compute(other, FEW)
    try:
        content = analysis.EXAMPLE.check(result)
    except (LookupError, AttributeError, StopIteration, TypeError):
        content = False
    assert not content


# What is said


UNSPOKEN = re.compile(r"\b(nan|None|inf|NaN|True|False)\b|[{}<>]|0x|array\(|Struct|-0\.0+(?!\d)")


def spoken_badly(sentences: tuple[str, ...]) -> list[str]:
    """Return the sentences that no person would write."""
    return [
        sentence
        for sentence in sentences
        if not sentence.strip()
        or not sentence.endswith(".")
        or sentence.endswith("..")
        or "  " in sentence
        or UNSPOKEN.search(sentence.replace("p < .001", "").replace("q < .001", ""))
    ]


@pytest.mark.parametrize("sentence", ["r is nan.", "No end", "", "A {'a': 1}.", "V is -0.0 here."])
def test_a_sentence_that_no_person_would_write_is_seen(sentence: str) -> None:
    assert spoken_badly((sentence,))


@each
def test_sentences_of_the_example_can_be_read(
    analysis: Analysis, worked: Mapping[str, Any]
) -> None:
    said = analysis.sentences(worked[analysis_id(analysis)])
    assert said
    assert not spoken_badly(said)


def test_sentences_on_the_published_failures_can_be_read(
    published_outcomes: Mapping[str, Outcome],
) -> None:
    found = [
        sentence
        for outcome in published_outcomes.values()
        if outcome.missing is None
        for sentence in spoken_badly(outcome.analysis.sentences(outcome.result))
    ]
    assert not found


TYPED = re.compile(r"\d")
PROSE_MODULES = (association, breakdown, comparison, contrasts, crosstab, estimates, judging)
MAY_HOLD_DIGITS = {
    "p < .001": "the bound below which a p value is not spelled out",
    " 0.": "a zero that is taken away from a p value",
}


def prose_constants(module: ModuleType) -> Iterator[tuple[str, int, str]]:
    """Yield function, line and text of every string in functions that return prose.

    Prose is what `str`, `tuple[str, ...]` or `list[str]` is declared to come out of; formats of
    f-strings (".3f") are no text.
    """
    tree = ast.parse(inspect.getsource(module))
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef) or function.returns is None:
            continue
        if ast.unparse(function.returns) not in ("str", "tuple[str, ...]", "list[str]"):
            continue
        formats = {
            id(part)
            for node in ast.walk(function)
            if isinstance(node, ast.FormattedValue) and node.format_spec is not None
            for part in ast.walk(node.format_spec)
        }
        for node in ast.walk(function):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                is_docstring = node.value == ast.get_docstring(function, clean=False)
                if id(node) not in formats and not is_docstring:
                    yield function.name, node.lineno, node.value


@pytest.mark.parametrize(
    "module", [*ANALYSES, *PROSE_MODULES], ids=lambda module: module.__name__.rpartition(".")[2]
)
def test_no_number_is_typed_in_what_is_said(module: ModuleType) -> None:
    typed = []
    for function, line, text in prose_constants(module):
        rest = text
        for allowed in MAY_HOLD_DIGITS:
            rest = rest.replace(allowed.removeprefix("p"), "")
        if TYPED.search(rest):
            typed.append(f"{function}, line {line}: {text!r}")
    assert not typed


def test_a_typed_number_would_be_seen() -> None:
    module = ModuleType("invented")
    source = (
        'def sentences(result: int) -> tuple[str, ...]:\n    return (f"{result:.2f} of 706.",)\n'
    )
    assert [text for _, _, text in _constants_of(module, source)] == [" of 706."]


def _constants_of(module: ModuleType, source: str) -> list[tuple[str, int, str]]:
    original = inspect.getsource
    try:
        inspect.getsource = lambda _module: source  # type: ignore[assignment]
        return list(prose_constants(module))
    finally:
        inspect.getsource = original


# What is shown


def wrong_grids(grids: tuple[Grid, ...]) -> list[str]:
    """Return what is wrong with the shape of grids."""
    found = []
    for grid in grids:
        if not grid.caption or not grid.header or not grid.rows:
            found.append(f"{grid.id} has no caption, header or rows")
        if any(len(row) != len(grid.header) for row in grid.rows):
            found.append(f"{grid.id} has a row of another length than its header")
        if any(isinstance(v, float) and not np.isfinite(v) for row in grid.rows for v in row):
            found.append(f"{grid.id} holds nan or infinity")
        if any(not isinstance(v, str | int | float | None) for row in grid.rows for v in row):
            found.append(f"{grid.id} holds something that is no value")
        if any(place >= len(grid.header) for place in grid.decimals or {}):
            found.append(f"{grid.id} rounds a column that it lacks")
    return found


@each
def test_tables_and_figures_of_the_example_are_whole(
    analysis: Analysis, worked: Mapping[str, Any]
) -> None:
    result = worked[analysis_id(analysis)]
    figures: tuple[Figure, ...] = analysis.figures(result)
    assert not wrong_grids((*analysis.grids(result), *(figure.grid for figure in figures)))
    for figure in figures:
        assert figure.title
        assert figure.description.endswith(".")
        assert "nan" not in figure.description.split()
        json.dumps(figure.specification, allow_nan=False)


def test_tables_and_figures_on_the_published_failures_have_names_of_their_own(
    published_outcomes: Mapping[str, Outcome],
) -> None:
    grids: list[Grid] = []
    figures: list[Figure] = []
    for outcome in published_outcomes.values():
        if outcome.missing is None:
            grids += outcome.analysis.grids(outcome.result)
            figures += outcome.analysis.figures(outcome.result)
    assert not wrong_grids(tuple(grids))
    names = Counter([*(grid.id for grid in grids), *(figure.grid.id for figure in figures)])
    assert [name for name, times in names.items() if times > 1] == []
    assert len({figure.id for figure in figures}) == len(figures)


def test_the_whole_document_names_each_thing_once(published_report: Report) -> None:
    assert len(all_grids(published_report.document)) > len(ANALYSES)
    assert all_figures(published_report.document)


# What never breaks


def one_kind(count: int, **columns: tuple[str, ...]) -> RowCounts:
    return rows(("crash/process-killed", "hardware/cpu-memory", "inference", count), **columns)


EVERY_COLUMN = {
    "issue": ("one",),
    "series": ("A",),
    "version": ("v",),
    "repository": ("a/b",),
    "architecture": ("Dense",),
    "status": ("open",),
    "created": ("2024-01-02",),
}


def spread_over(**columns: tuple[str, ...]) -> RowCounts:
    """Return a dozen failures over classes and stages, with the columns given (six groups)."""
    return rows(
        ("crash/cuda/out-of-memory", "hardware/gpu-memory", "inference", 3),
        ("crash/process-killed", "hardware/cpu-memory", "fine-tuning", 2),
        ("incorrect/generation/meaningless", "tokenizer/control-token", "inference", 3),
        ("loading/model/import-error", "environment/dependency-library", "inference", 2),
        ("hang/fine-tuning", "distributed/communication", "fine-tuning", 1),
        ("slow/inference", "configuration/inference", "inference", 1),
        **columns,
    )


DEGENERATE: dict[str, Callable[[], RowCounts]] = {
    "one failure": lambda: one_kind(1),
    "one failure, every column": lambda: one_kind(1, **EVERY_COLUMN),
    "two failures alike": lambda: one_kind(2, **EVERY_COLUMN),
    "two failures unlike": lambda: rows(
        ("crash/process-killed", "hardware/cpu-memory", "inference", 1),
        ("hang/generation", "api/call-sequence", "fine-tuning", 1),
        issue=("one", "two"),
        series=("A", "B"),
        version=("v", "w"),
        repository=("a", "b"),
        architecture=("Dense", "MoE"),
        status=("open", "closed"),
        created=("2024-01-02", "2024-06-02"),
    ),
    "one class": lambda: one_kind(40, **EVERY_COLUMN),
    "no further column": spread_over,
    "one series": lambda: spread_over(series=("A",) * 6, version=tuple("vvwwvw")),
    "one symptom": lambda: rows(
        ("crash/process-killed", "hardware/cpu-memory", "inference", 9),
        ("crash/process-killed", "tokenizer/file", "fine-tuning", 9),
        series=("A", "B"),
        version=("v", "w"),
        repository=("a", "b"),
        created=("2024-01-02", "2024-06-02"),
    ),
    "one cause": lambda: rows(
        ("crash/process-killed", "hardware/cpu-memory", "inference", 9),
        ("hang/generation", "hardware/cpu-memory", "fine-tuning", 9),
        series=("A", "B"),
        version=("v", "w"),
        repository=("a", "b"),
        created=("2024-01-02", "2024-06-02"),
    ),
    "one stage": lambda: rows(
        ("crash/process-killed", "hardware/cpu-memory", "fine-tuning", 9),
        ("hang/generation", "tokenizer/file", "fine-tuning", 9),
        series=("A", "B"),
    ),
    "no crash": lambda: rows(
        ("slow/inference", "hardware/cpu-memory", "inference", 9),
        ("hang/generation", "tokenizer/file", "fine-tuning", 9),
        series=("A", "B"),
    ),
    "a series for each failure": lambda: spread_over(series=tuple("ABCDEF")),
    "architectures within a repository": lambda: spread_over(
        repository=tuple("aaabbb"), architecture=("Dense", "MoE", "MoE", "Dense", "MoE", "Dense")
    ),
    "names that are hostile": lambda: spread_over(
        series=("=cmd()", "<b>", "\x1b[31m", "=cmd()", "<b>", "\x1b[31m"),
        version=("=cmd()", "<b>", "\x1b[31m", "=cmd()", "<b>", "\x1b[31m"),
        repository=("../../a", "a/b", "{{ x }}", "../../a", "a/b", "{{ x }}"),
        status=("</script>", "none", "", "</script>", "none", ""),
    ),
    "partly known columns": lambda: _partly_known(),
}


def _partly_known() -> RowCounts:
    """Return failures of which half have no series, repository, version, status or date."""
    one = spread_over(
        series=tuple("AABBAB"),
        version=tuple("vvwwvw"),
        repository=tuple("aabbab"),
        status=("open",) * 6,
        created=("2024-01-02",) * 6,
    )
    return RowCounts(merge([one.failures, spread_over().failures]))


@pytest.fixture(scope="module", params=DEGENERATE, ids=str)
def degenerate(request: pytest.FixtureRequest) -> Mapping[str, Outcome]:
    return run_analyses(DEGENERATE[request.param](), FEW)


def test_whatever_is_lacking_is_said_and_nothing_breaks(
    degenerate: Mapping[str, Outcome],
) -> None:
    for outcome in degenerate.values():
        if outcome.missing is None:
            said = outcome.analysis.sentences(outcome.result)
            # Names from outside stay as they are here; what shows them makes them harmless.
            plain_names = [re.sub(r"<b>|\x1b\[31m|</script>|{{ x }}", "name", one) for one in said]
            assert not spoken_badly(tuple(plain_names)), outcome.id
            figures = outcome.analysis.figures(outcome.result)
            grids = (*outcome.analysis.grids(outcome.result), *(f.grid for f in figures))
            shapes = [what for what in wrong_grids(grids) if "no caption, header" not in what]
            assert not shapes, outcome.id
        else:
            assert re.fullmatch(r"[a-z][^\n{}<>]{9,}[^.\s]", outcome.missing), outcome.missing


@pytest.mark.parametrize("given", DEGENERATE, ids=str)
def test_a_report_comes_out_whatever_is_lacking(
    given: str, validator: jsonschema.Draft202012Validator
) -> None:
    report = make_report(DEGENERATE[given](), FACTS, (), FEW)
    validator.validate(read_again(report.data))
    all_grids(report.document)
    all_figures(report.document)


SCHEMA = schema()


def read_again(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return data as a program reads it from report.json."""
    return cast("dict[str, Any]", json.loads(json.dumps(data, allow_nan=False)))


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    return jsonschema.Draft202012Validator(SCHEMA)


def test_the_published_results_are_json_by_the_schema(
    published_report: Report, validator: jsonschema.Draft202012Validator
) -> None:
    data = read_again(published_report.data)
    validator.validate(data)
    assert data["failures"] == 706


def test_the_schema_refuses_a_result_that_is_none_of_ours(
    published_results: Mapping[str, Any], validator: jsonschema.Draft202012Validator
) -> None:
    part = validator.evolve(schema={**SCHEMA, "$ref": "#/$defs/Results"})
    sound = read_again({analysis_id(a): published_results.get(analysis_id(a)) for a in ANALYSES})
    part.validate(sound)
    damaged = sound | {"symptom_shares": sound["symptom_shares"] | {"total": "many"}}
    with pytest.raises(jsonschema.ValidationError):
        part.validate(damaged)


# What must not matter


@pytest.fixture(scope="module")
def dated(published_rows: RowCounts) -> Failures:
    """Return the published failures with invented days, so that every analysis has an answer."""
    failures = published_rows.failures
    days = np.datetime64("2023-03-01") + (np.arange(len(failures)) * 37 % 700)
    return replace(failures, created=days.astype("datetime64[D]"))


@pytest.fixture(scope="module")
def straight(dated: Failures) -> Mapping[str, bytes]:
    return as_bytes(run_analyses(RowCounts(dated), FEW))


def differing(one: Mapping[str, bytes], other: Mapping[str, bytes]) -> list[str]:
    return [name for name in one if one[name] != other[name]]


def test_the_same_failures_give_the_same_results_twice(
    dated: Failures, straight: Mapping[str, bytes]
) -> None:
    assert not differing(straight, as_bytes(run_analyses(RowCounts(dated), FEW)))


def test_the_order_of_the_rows_changes_no_result(
    dated: Failures, straight: Mapping[str, bytes]
) -> None:
    order = np.random.default_rng(1).permutation(len(dated))
    shuffled = as_bytes(run_analyses(RowCounts(dated.take(order)), FEW))
    assert not differing(straight, shuffled)


def test_another_seed_changes_what_is_drawn(dated: Failures, straight: Mapping[str, bytes]) -> None:
    other = replace(FEW, seed=1)
    changed = differing(straight, as_bytes(run_analyses(RowCounts(dated), other)))
    assert {"symptom_by_cause", "series_similarity", "label_noise"} <= set(changed)
    assert not {"symptom_shares", "deployment_stack"} & set(changed)


def as_read(failures: Failures) -> Failures:
    """Return failures as a reader would give them: free columns hold what occurs, sorted."""
    columns = {
        name: column
        if name in ("symptom_leaf", "cause_leaf", "stage")
        else Column.of(column.values())
        for name, column in failures.columns.items()
    }
    return replace(failures, columns=columns)


@pytest.mark.parametrize("how", ["by series", "every third"])
def test_merging_two_sources_equals_reading_both(
    dated: Failures, straight: Mapping[str, bytes], how: str
) -> None:
    series = dated.columns["series"].codes
    place = np.arange(len(dated))
    first = series == 2 if how == "by series" else place % 3 == 0
    parts = [as_read(dated.take(first)), as_read(dated.take(~first))]
    assert not differing(straight, as_bytes(run_analyses(RowCounts(merge(parts)), FEW)))
    swapped = as_bytes(run_analyses(RowCounts(merge(parts[::-1])), FEW))
    assert not differing(straight, swapped)


def test_one_analysis_without_its_data_stops_no_other() -> None:
    outcomes = run_analyses(spread_over(), FEW)
    assert outcomes["series_similarity"].missing == "the source has no series of its failures"
    assert outcomes["symptom_shares"].result is not None


def test_every_heading_is_told_as_its_turn_comes() -> None:
    told: list[str] = []
    run_analyses(one_kind(1), FEW, progress=told.append)
    assert told == [analysis.HEADING for analysis in ANALYSES]


@each
def test_an_analysis_without_rows_to_read_raises_only_not_known(analysis: Analysis) -> None:
    empty = RowCounts(one_kind(1).failures.take(np.array([], dtype=np.intp)))
    with pytest.raises(NotKnown):
        analysis.compute(empty, FEW)


def test_results_are_typed_structs(worked: Mapping[str, Any]) -> None:
    for result in worked.values():
        assert isinstance(result, msgspec.Struct)
        assert msgspec.convert(plain(result), type(result)) == result
