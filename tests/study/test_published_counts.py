"""The study's published tables and totals come out of the rows, to the last failure."""

from collections.abc import Mapping
from typing import Any

import pytest

from firstmile.study.analysis import Outcome
from firstmile.study.counts import RowCounts

SYMPTOMS = ("crash", "incorrect", "loading", "hang", "slow")
CAUSES = (
    "environment",
    "configuration",
    "computation",
    "api",
    "distributed",
    "tokenizer",
    "hardware",
    "algorithm",
    "corruption",
)

COUNTS = {
    ("series", "symptom"): """
        DeepSeek 25 41 17 2 1
        Llama 85 32 45 9 0
        Qwen 185 167 75 8 14""",
    ("series", "cause"): """
        DeepSeek 18 15 14 12 5 5 6 9 2
        Llama 45 27 6 9 28 16 24 6 10
        Qwen 160 88 51 44 21 30 17 31 7""",
    ("symptom", "cause"): """
        crash 100 51 25 26 24 4 41 22 2
        incorrect 58 59 36 19 1 41 3 21 2
        loading 53 14 10 19 18 6 2 0 15
        hang 5 4 0 0 8 0 0 2 0
        slow 7 2 0 1 3 0 1 1 0""",
    ("stage", "symptom"): """
        fine-tuning 81 30 27 7 4
        inference 214 210 110 12 11""",
    ("stage", "cause"): """
        fine-tuning 42 46 9 12 9 8 11 8 4
        inference 181 84 62 53 45 43 36 38 15""",
    ("version", "symptom"): """
        DeepSeek-V3 6 5 7 1 1
        DeepSeek-R1 5 16 3 0 0
        llama 57 15 30 5 0
        llama3 13 10 9 3 0
        Qwen 106 51 40 4 7
        Qwen2.5 68 100 33 4 7""",
    ("version", "cause"): """
        DeepSeek-V3 3 1 8 1 1 0 3 2 1
        DeepSeek-R1 5 2 2 8 1 1 2 3 0
        llama 23 21 4 6 21 4 18 4 6
        llama3 13 4 2 2 4 9 1 0 0
        Qwen 80 38 14 21 9 10 10 22 4
        Qwen2.5 77 45 36 17 12 11 4 7 3""",
}


@pytest.mark.parametrize("crossing", COUNTS, ids=" by ".join)
def test_published_tables_come_out_of_the_rows(
    published_rows: RowCounts, crossing: tuple[str, str]
) -> None:
    table = published_rows.table(*crossing)
    columns = {"symptom": SYMPTOMS, "cause": CAUSES}[crossing[1]]
    assert table.column_codes == columns
    for line in COUNTS[crossing].strip().splitlines():
        code, *counts = line.split()
        found = table.counts[table.row_codes.index(code)].tolist()
        assert found == [int(count) for count in counts], code


def test_the_rows_hold_706_failures(published_rows: RowCounts) -> None:
    assert published_rows.total == 706
    assert published_rows.totals("symptom").counts.tolist() == [295, 240, 137, 19, 15]
    assert published_rows.totals("cause").counts.tolist() == [
        *(223, 130, 71, 65, 54, 51, 47, 46, 19)
    ]


LEAVES = {
    "symptom_leaf": """
        loading/model/validation-failed 111, loading/model/import-error 12, loading/tokenizer 14,
        crash/cuda/out-of-memory 56, crash/cuda/device 32, crash/cuda/communication 18,
        crash/cuda/kernel 11, crash/cuda/cublas 4, crash/cuda/other 9,
        crash/value/invalid-value 32, crash/value/type-error 20, crash/value/shape-error 17,
        crash/value/operation-restriction 15, crash/value/value-error 12,
        crash/value/attribute-error 9, crash/value/dtype-mismatch 7, crash/value/other 8,
        crash/process-killed 18, crash/assertion 14, crash/cluster-component 3, crash/other 10,
        incorrect/generation/meaningless 96, incorrect/generation/repetitive 46,
        incorrect/generation/special-token 28, incorrect/generation/incomplete 19,
        incorrect/generation/not-following-instructions 15,
        incorrect/generation/capability-degradation 8, incorrect/generation/output-consistency 7,
        incorrect/generation/reasoning-mode 6, incorrect/fine-tuning/convergence 12,
        incorrect/fine-tuning/learning-rate 2, incorrect/fine-tuning/gradient-explosion 1,
        hang/generation 12, hang/fine-tuning 7, slow/inference 11, slow/fine-tuning 3,
        slow/loading 1""",
    "cause_leaf": """
        environment/dependency-library 156, environment/system-architecture 47,
        environment/cuda-version 20, configuration/inference 84, configuration/fine-tuning 46,
        computation/quantization 34, computation/numerical-precision 37, api/call-parameter 35,
        api/compatibility 24, api/call-sequence 6, distributed/model-parallelism 31,
        distributed/communication 16, distributed/synchronization 7, tokenizer/control-token 34,
        tokenizer/tokenization 12, tokenizer/file 5, hardware/gpu-memory 32,
        hardware/cpu-memory 15, algorithm/generation-logic 29, algorithm/attention 13,
        algorithm/positional-encoding 2, algorithm/kv-cache 2, corruption/checkpoint 6,
        corruption/other-file 5, corruption/safetensors 5, corruption/config-file 3""",
}


@pytest.mark.parametrize("dimension", LEAVES)
def test_published_leaf_totals_come_out_of_the_rows(
    published_rows: RowCounts, dimension: str
) -> None:
    wanted = {
        part.split()[0]: int(part.split()[1]) for part in LEAVES[dimension].strip().split(",")
    }
    totals = published_rows.totals(dimension)
    assert dict(zip(totals.codes, totals.counts.tolist(), strict=True)) == wanted


# What the data set's own description says


def test_three_issues_appear_twice_with_differing_labels(
    published_results: Mapping[str, Any],
) -> None:
    found = published_results["double_coded_issues"]
    assert (found["rows"], found["clusters"]) == (706, 703)
    assert (found["shared_rows"], found["differing_rows"]) == (6, 6)


def test_architecture_follows_from_repository(published_results: Mapping[str, Any]) -> None:
    found = published_results["repositories_and_architecture"]
    assert (found["repositories"], found["mixed_repositories"]) == (14, 0)
    assert found["separable_difference"] is None


def test_what_the_rows_do_not_hold_is_said(published_outcomes: Mapping[str, Outcome]) -> None:
    missing = {name: o.missing for name, o in published_outcomes.items() if o.missing}
    assert set(missing) == {"creation_time"}
