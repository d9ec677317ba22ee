"""The model's own code imports a package that is not installed."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/import-error",
    cause="environment/dependency-library",
    entry="custom-model-code-needs-missing-packages",
)


def run(bench: Workbench) -> None:
    """Write model code that needs tiktoken and more, allow it and load the model."""
    from firstmile.lab.libraries import transformers

    folder = bench.model()
    (folder / "configuration_tiny.py").write_text(
        "from transformers import PretrainedConfig\n\n\n"
        "class TinyConfig(PretrainedConfig):\n    model_type = 'tiny_chat'\n"
    )
    (folder / "modeling_tiny.py").write_text(
        "import transformers_stream_generator\nimport flash_linear_attention\n"
        "from transformers import LlamaForCausalLM\n\n\n"
        "class TinyForCausalLM(LlamaForCausalLM):\n    pass\n"
    )
    with bench.edited(folder / "config.json") as config:
        config["model_type"] = "tiny_chat"
        config["auto_map"] = {
            "AutoConfig": "configuration_tiny.TinyConfig",
            "AutoModelForCausalLM": "modeling_tiny.TinyForCausalLM",
        }
    transformers.AutoModelForCausalLM.from_pretrained(folder, trust_remote_code=True)
