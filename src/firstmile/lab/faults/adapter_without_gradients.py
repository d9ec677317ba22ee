"""Reentrant checkpointing cuts the adapter off from the loss; only the output layer learns."""

from firstmile.lab.fault import Fault
from firstmile.lab.training import trainer
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="incorrect/fine-tuning/convergence",
    cause="api/call-sequence",
    stage="fine-tuning",
    entry="adapter-learns-nothing-under-gradient-checkpointing",
    note="After training, lora_B is still all zero.",
)


def run(bench: Workbench) -> None:
    """Train an adapter and look at it."""
    from firstmile.lab.libraries import peft

    model, tokenizer = bench.loaded()
    tuned = peft.get_peft_model(
        model, peft.LoraConfig(task_type="CAUSAL_LM", modules_to_save=["lm_head"])
    )
    tuned.enable_input_require_grads = lambda: None
    trainer(
        bench,
        tuned,
        tokenizer,
        gradient_checkpointing=True,
        gradient_checkpointing_kwargs={"use_reentrant": True},
    ).train()
    for name, weight in tuned.named_parameters():
        if "lora_B" in name and "layers.0" in name:
            bench.say(f"{name}: largest {weight.abs().max().item():.1f}")
