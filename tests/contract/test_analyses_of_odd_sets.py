"""Whatever a labelled set lacks is said, and its report comes out whole and by the schema."""

import json
import re
from collections.abc import Mapping
from typing import Any, cast

import jsonschema
import pytest

from firstmile.rendering.document import all_figures, all_grids
from firstmile.study.analysis import Outcome, analysis_id, find_analyses, run_analyses
from firstmile.study.counts import RowCounts
from firstmile.study.origin import SourceFacts
from firstmile.study.report import Report, make_report, schema
from firstmile.study.settings import Settings
from odd_sets import ODD_SETS, spread_over
from report_faults import spoken_badly, wrong_grids

pytestmark = pytest.mark.long

FEW = Settings(permutations=99, bootstraps=100, noise_replicates=20)
"""Settings under which the suite stays quick; no test here depends on the number of draws."""

ANALYSES = tuple(find_analyses())
FACTS = SourceFacts(name="some failures", format="rows", has_rows=True)


@pytest.fixture(scope="module")
def published_report(published_rows: RowCounts) -> Report:
    return make_report(published_rows, FACTS, (), FEW)


@pytest.fixture(scope="module", params=ODD_SETS, ids=str)
def outcomes(request: pytest.FixtureRequest) -> Mapping[str, Outcome]:
    return run_analyses(ODD_SETS[request.param](), FEW)


def test_whatever_is_lacking_is_said_and_nothing_breaks(
    outcomes: Mapping[str, Outcome],
) -> None:
    for outcome in outcomes.values():
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


@pytest.mark.parametrize("given", ODD_SETS, ids=str)
def test_a_report_comes_out_whatever_is_lacking(
    given: str, validator: jsonschema.Draft202012Validator
) -> None:
    report = make_report(ODD_SETS[given](), FACTS, (), FEW)
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


def test_the_whole_document_names_each_thing_once(published_report: Report) -> None:
    assert len(all_grids(published_report.document)) > len(ANALYSES)
    assert all_figures(published_report.document)


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


def test_one_analysis_without_its_data_stops_no_other() -> None:
    outcomes = run_analyses(spread_over(), FEW)
    assert outcomes["series_similarity"].missing == "the source has no series of its failures"
    assert outcomes["symptom_shares"].result is not None
