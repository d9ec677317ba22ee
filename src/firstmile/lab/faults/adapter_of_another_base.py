"""A LoRA adapter was trained on a wider model than the one it is loaded onto."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="api/call-parameter",
    entry="lora-adapter-belongs-to-another-base-model",
)


def run(bench: Workbench) -> None:
    """Train an adapter of one model and load it onto another."""
    from firstmile.lab.libraries import peft, transformers

    model, _ = bench.loaded()
    wide = transformers.AutoModelForCausalLM.from_config(
        transformers.LlamaConfig(
            vocab_size=model.config.vocab_size,
            hidden_size=128,
            intermediate_size=256,
            num_hidden_layers=2,
            num_attention_heads=4,
        )
    )
    tuned = peft.get_peft_model(wide, peft.LoraConfig(task_type="CAUSAL_LM"))
    tuned.save_pretrained(bench.folder / "adapter")
    peft.PeftModel.from_pretrained(model, bench.folder / "adapter")
