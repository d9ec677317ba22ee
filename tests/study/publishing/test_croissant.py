"""The Croissant metadata are valid, complete, and load the rows."""

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from firstmile.study.publishing import DuplicateJudgement, publish
from firstmile.study.publishing.columns import DECISIONS, FAILURES, columns_of
from firstmile.study.stated import DatasheetTable
from publishing.samples import DAY, NASTY, dataset, row

NEURIPS = (
    "rai:dataLimitations",
    "rai:dataBiases",
    "rai:personalSensitiveInformation",
    "rai:dataUseCases",
    "rai:dataSocialImpact",
    "rai:hasSyntheticData",
    "prov:wasDerivedFrom",
    "prov:wasGeneratedBy",
)
"""What NeurIPS 2026 asks for in its Evaluations and Datasets track."""

RAI = {
    "annotationsPerItem",
    "annotatorDemographics",
    "dataAnnotationAnalysis",
    "dataAnnotationPlatform",
    "dataAnnotationProtocol",
    "dataBiases",
    "dataCollection",
    "dataCollectionMissingData",
    "dataCollectionRawData",
    "dataCollectionTimeframe",
    "dataCollectionType",
    "dataImputationProtocol",
    "dataLimitations",
    "dataManipulationProtocol",
    "dataPreprocessingProtocol",
    "dataReleaseMaintenancePlan",
    "dataSocialImpact",
    "dataUseCases",
    "machineAnnotationTools",
    "personalSensitiveInformation",
}
"""The properties of the RAI vocabulary 1.0."""

LOAD = """
import json, sys
import mlcroissant as mlc
dataset = mlc.Dataset(sys.argv[1])
nodes = [dataset.metadata, *dataset.metadata.nodes()]
found = {kind: sorted({str(i) for n in nodes for i in getattr(n.ctx.issues, kind)})
         for kind in ("errors", "warnings")}
def plain(value):
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, list):
        return [plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, str, dict)):
        return value
    return value.date().isoformat() if hasattr(value, "date") else value.item()
for name in sys.argv[2:]:
    found[name] = [
        {key.split("/")[1]: plain(value) for key, value in record.items()}
        for record in dataset.records(name)
    ]
print(json.dumps(found))
"""


@pytest.fixture(scope="session")
def validator() -> str:
    """Return a Python that has mlcroissant: this one, or that of FIRSTMILE_CROISSANT_PYTHON."""
    given = os.environ.get("FIRSTMILE_CROISSANT_PYTHON")
    if given:
        return given
    if importlib.util.find_spec("mlcroissant") is not None:
        return sys.executable
    reason = (
        "mlcroissant is absent: pip install mlcroissant==1.1.1, here or in an environment whose "
        "Python FIRSTMILE_CROISSANT_PYTHON names"
    )
    pytest.skip(reason)


def loaded(validator: str, folder: Path, *record_sets: str) -> dict[str, Any]:
    """Load with the published validator, which gets no network: any request would fail."""
    no_network = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")
    done = subprocess.run(
        [validator, "-c", LOAD, str(folder / "croissant.json"), *record_sets],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **no_network},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "WARNING" not in done.stderr, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def metadata(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "croissant.json").read_bytes())
    return found


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_the_published_validator_finds_nothing_and_loads_every_record(
    validator: str, tmp_path: Path
) -> None:
    pair = [f"https://github.com/owner/name/issues/{number}" for number in (1, 2)]
    judged = DuplicateJudgement(
        order=1, first=pair[0], second=pair[1], same=False, rater="rater-1", day=DAY
    )
    folder = publish(dataset(judgements=(judged,)), tmp_path / "published")
    found = loaded(validator, folder, "failures", "decisions", "judgements", "causes")
    assert found["errors"] == []
    assert found["warnings"] == []
    assert found["failures"] == records(folder / "failures.jsonl")
    assert found["decisions"] == records(folder / "decisions.jsonl")
    assert found["judgements"] == records(folder / "judgements.jsonl")
    assert "hardware/gpu-memory" in {term["code"] for term in found["causes"]}


@pytest.mark.long
def test_a_bare_data_set_with_hostile_words_is_valid_too(validator: str, tmp_path: Path) -> None:
    bare = dataset(
        name=NASTY,
        question=NASTY,
        authors=(NASTY,),
        contact=NASTY,
        license=NASTY,
        stated=DatasheetTable(**dict.fromkeys(DatasheetTable.__struct_fields__, NASTY)),
        url="",
        collected=None,
        rows=(row(1, title=NASTY, quote=NASTY, version=NASTY, created=None, confidence=None),),
        decisions=(),
        raters=(),
        funnel=(),
        agreement={},
        redactions={},
        text=True,
    )
    folder = publish(bare, tmp_path / "published")
    found = loaded(validator, folder, "failures")
    assert found["errors"] == []
    assert found["warnings"] == []
    assert [one["title"] for one in found["failures"]] == [
        one["title"] for one in records(folder / "failures.jsonl")
    ]


@pytest.mark.long
def test_a_fault_in_the_metadata_is_found(validator: str, tmp_path: Path) -> None:
    """The validator is not merely run: it fails where there is something to find."""
    folder = publish(dataset(), tmp_path / "published")
    said = metadata(folder)
    said["recordSet"][0]["field"][0]["source"]["fileObject"]["@id"] = "nowhere.jsonl"
    (folder / "croissant.json").write_text(json.dumps(said))
    with pytest.raises(AssertionError, match="nowhere"):
        loaded(validator, folder)


def test_all_properties_of_rai_and_those_neurips_asks_for_are_filled(tmp_path: Path) -> None:
    said = metadata(publish(dataset(), tmp_path / "published"))
    assert said["conformsTo"] == [
        "http://mlcommons.org/croissant/1.1",
        "http://mlcommons.org/croissant/RAI/1.0",
    ]
    filled = {key.removeprefix("rai:") for key in said if key.startswith("rai:")}
    assert filled == RAI | {"hasSyntheticData"}
    assert all(said[key] not in (None, "", []) for key in NEURIPS)
    assert said["rai:dataCollectionTimeframe"] == ["2026-02-01", "2026-02-03"]
    assert said["rai:annotatorDemographics"] == ["Not stated."]
    assert "funding" not in said
    assert said["prov:wasDerivedFrom"] == [
        {"@id": "https://github.com/QwenLM/Qwen3"},
        {"@id": "https://github.com/other/.github"},
        {"@id": "https://github.com/owner/name"},
    ]


def test_numbers_in_the_responsible_fields_are_those_of_the_study(tmp_path: Path) -> None:
    said = metadata(publish(dataset(), tmp_path / "published"))
    assert "1,200 issues were collected" in said["rai:dataCollection"]
    assert "question 60" in said["rai:dataCollection"]
    assert "3 of 5 rows (60%)" in " ".join(said["rai:dataBiases"])
    assert "15 passages" in " ".join(said["rai:personalSensitiveInformation"])
    assert said["rai:annotationsPerItem"].startswith(
        "Independent labels an issue: 2 rows with 2, 3 rows of unknown number"
    )
    assert said["rai:machineAnnotationTools"] == ["some-model"]
    assert said["rai:hasSyntheticData"] is True


STATED = DatasheetTable(
    funding="A grant of the Example Fund",
    raters="Two engineers.",
    payment="Paid by the hour",
    ethics="Approved as protocol 7",
    consent="Nobody was asked",
    impact="Looked into in 2026",
    uses="A paper",
    retention="Five years",
    maintenance="Until 2030",
    citation="Example et al., Failures, 2026",
)


def test_what_the_study_states_stands_where_it_belongs(validator: str, tmp_path: Path) -> None:
    folder = publish(dataset(stated=STATED), tmp_path / "published")
    said = metadata(folder)
    assert said["funding"]["description"] == "A grant of the Example Fund"
    assert said["citeAs"] == "Example et al., Failures, 2026"
    assert said["rai:annotatorDemographics"] == ["Two engineers."]
    assert said["rai:dataAnnotationProtocol"].endswith(" Payment: Paid by the hour.")
    assert " Ethical review: Approved as protocol 7. Notice" in said["rai:dataCollection"]
    assert said["rai:dataSocialImpact"].endswith(" Impact analysis: Looked into in 2026.")
    assert "Used so far: A paper." in said["rai:dataUseCases"]
    assert "persons: Five years." in " ".join(said["rai:personalSensitiveInformation"])
    assert " Until 2030. Contact:" in said["rai:dataReleaseMaintenancePlan"]
    found = loaded(validator, folder, "failures")
    assert (found["errors"], found["warnings"]) == ([], [])


def test_files_are_described_with_their_size_and_checksum(tmp_path: Path) -> None:
    folder = publish(dataset(), tmp_path / "published")
    described = {one["@id"]: one for one in metadata(folder)["distribution"]}
    assert {"failures.jsonl", "failures.parquet", "decisions.jsonl"} <= set(described)
    for name, one in described.items():
        data = (folder / name).read_bytes()
        assert one["sha256"] == hashlib.sha256(data).hexdigest()
        assert one["contentSize"] == f"{len(data)} B"
        assert one["contentUrl"] == name


@pytest.mark.parametrize("text", [True, False])
def test_every_column_is_a_field_with_its_meaning(text: bool, tmp_path: Path) -> None:
    said = metadata(publish(dataset(text=text), tmp_path / "published"))
    sets = {one["@id"]: one for one in said["recordSet"]}
    for name, columns in (("failures", FAILURES), ("decisions", DECISIONS)):
        fields = {field["name"]: field for field in sets[name]["field"]}
        wanted = columns_of(columns, text=text)
        assert list(fields) == [column.name for column in wanted]
        assert all(fields[c.name]["description"] == c.meaning for c in wanted)
    assert sets["failures"]["field"][3]["dataType"] == ["sc:Text", "cr:Label"]


def test_a_data_set_without_an_address_is_named_by_its_rows(tmp_path: Path) -> None:
    folder = publish(dataset(url=""), tmp_path / "published")
    rows = hashlib.sha256((folder / "failures.jsonl").read_bytes()).hexdigest()
    assert metadata(folder)["url"] == f"urn:sha256:{rows}"


def test_one_day_of_collecting_is_both_ends_of_the_time_frame(tmp_path: Path) -> None:
    day = date(2026, 2, 1)
    said = metadata(publish(dataset(collected=(day, day)), tmp_path / "published"))
    assert said["rai:dataCollectionTimeframe"] == ["2026-02-01", "2026-02-01"]
