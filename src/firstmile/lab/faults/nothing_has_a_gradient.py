"""Every weight was frozen after the adapter was put in, so that the loss has no gradient."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/operation-restriction",
    cause="api/call-sequence",
    entry="loss-has-no-gradient-because-all-inputs-are-frozen",
)


def run(bench: Workbench) -> None:
    """Train one step."""
    from firstmile.lab.libraries import peft

    model, tokenizer = bench.loaded()
    tuned = peft.get_peft_model(model, peft.LoraConfig(task_type="CAUSAL_LM"))
    for weight in tuned.parameters():
        weight.requires_grad = False
    tuned.train()
    ids = tokenizer("The weather in Paris", return_tensors="pt")
    tuned(**ids, labels=ids["input_ids"]).loss.backward()
