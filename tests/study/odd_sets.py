"""Labelled failures that lack nearly everything that an analysis may ask for."""

from collections.abc import Callable

from firstmile.study.counts import RowCounts
from firstmile.study.failures import merge
from firstmile.study.worked import rows


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


ODD_SETS: dict[str, Callable[[], RowCounts]] = {
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
