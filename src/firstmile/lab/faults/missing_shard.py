"""The index names two shards, and one of them is not in the folder."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="corruption/other-file",
    entry="a-shard-named-in-the-index-is-missing",
)


def run(bench: Workbench) -> None:
    """Save in shards, lose one and load the model."""
    from firstmile.lab.libraries import transformers

    model, _ = bench.loaded()
    folder = bench.folder / "sharded"
    model.save_pretrained(folder, max_shard_size="150KB")
    sorted(folder.glob("model-*.safetensors"))[-1].unlink()
    transformers.AutoModelForCausalLM.from_pretrained(folder)
