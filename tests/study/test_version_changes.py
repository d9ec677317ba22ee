"""Which versions are compared, and in which direction."""

from firstmile.study.analyses.version_changes import compute
from firstmile.study.settings import Settings
from firstmile.study.worked import rows

FEW = Settings(permutations=99, bootstraps=99)


def test_versions_of_the_user_are_compared_beside_those_of_the_study() -> None:
    group = ("crash/process-killed", "hardware/cpu-memory", "inference", 30)
    other = ("loading/tokenizer", "tokenizer/file", "inference", 30)
    counts = rows(
        group,
        other,
        group,
        version=("Qwen3", "Qwen", "Qwen2.5-Coder"),
        series=("Qwen", "Qwen", "Qwen"),
    )

    found = compute(counts, FEW)

    assert {(item.first, item.second) for item in found.contrasts} == {("Qwen3", "Qwen")}
    assert found.left_out == ("Qwen2.5-Coder",)


def test_the_later_version_stands_first_whatever_the_order_of_the_rows() -> None:
    group = ("crash/process-killed", "hardware/cpu-memory", "inference", 30)
    counts = rows(
        group, group, version=("DeepSeek-R1", "DeepSeek-V3"), series=("DeepSeek", "DeepSeek")
    )

    found = compute(counts, FEW)

    assert {(c.first, c.second) for c in found.contrasts} == {("DeepSeek-R1", "DeepSeek-V3")}
