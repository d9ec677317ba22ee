"""A published row's series is stated, or that of a model's own repository: no name is guessed."""

from pathlib import Path

from firstmile.study.folder import make_study
from firstmile.study.publishing.gathering import _model
from publishing.samples import TOML

STATED = """
[[models]]
repository = "owner/name"
series = "Grain"
"""


def test_an_engine_with_a_series_in_its_name_is_of_no_series_unless_stated(tmp_path: Path) -> None:
    design = make_study(tmp_path / "study", TOML.replace("{source}", STATED)).design
    found = {
        name: _model(design, name)["series"]
        for name in (
            "ggml-org/llama.cpp",
            "QwenLM/qwen.cpp",
            "owner/name",
            "meta-llama/llama3",
            "qwenlm/qwen3",
        )
    }
    assert found == {
        "ggml-org/llama.cpp": None,
        "QwenLM/qwen.cpp": None,
        "owner/name": "Grain",
        "meta-llama/llama3": "Llama",
        "qwenlm/qwen3": "Qwen",
    }
