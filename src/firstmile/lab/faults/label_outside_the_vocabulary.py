"""A label of the training data is no token of the model."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/invalid-value",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entry="training-label-is-outside-the-vocabulary-on-the-cpu",
)


def run(bench: Workbench) -> None:
    """Train one step on it."""
    model, tokenizer = bench.loaded()
    ids = tokenizer("The weather in Paris", return_tensors="pt")
    labels = ids["input_ids"].clone()
    labels[0, -1] = 32_001
    model(**ids, labels=labels).loss.backward()
