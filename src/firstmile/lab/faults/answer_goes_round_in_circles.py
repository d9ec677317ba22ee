"""A model that learnt nothing is decoded greedily, and goes round in circles."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="incorrect/generation/repetitive",
    cause="configuration/inference",
    stage="inference",
    entry="answer-falls-into-a-loop",
    note="The model keeps repeating the same words over and over.",
)


def run(bench: Workbench) -> None:
    """Generate greedily for long."""
    model, tokenizer = bench.loaded("gpt2")
    ids = tokenizer("The weather in Paris", return_tensors="pt")
    out = model.generate(**ids, max_new_tokens=60, do_sample=False)
    bench.say(ascii(tokenizer.decode(out[0])))
