"""A batch is padded on the right, so that short prompts are answered after padding."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="incorrect/generation/meaningless",
    cause="configuration/inference",
    stage="inference",
    entry="batch-answers-are-wrong-without-left-padding",
    note="The answers of the batch differ from those that I get one by one.",
)


def run(bench: Workbench) -> None:
    """Answer a batch."""
    model, tokenizer = bench.loaded("taught")
    tokenizer.padding_side = "right"
    prompts = ["The quick", "Gradient descent takes small steps"]
    ids = tokenizer(prompts, padding=True, return_tensors="pt")
    for line in tokenizer.batch_decode(model.generate(**ids, max_new_tokens=20)):
        bench.say(ascii(line))
