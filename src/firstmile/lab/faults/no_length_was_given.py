"""No length was given, and the default of 20 tokens cuts the answer."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="incorrect/generation/incomplete",
    cause="configuration/inference",
    stage="inference",
    entry="answer-breaks-off-at-the-length-limit",
    note="The answer is cut off in the middle of a sentence.",
)


def run(bench: Workbench) -> None:
    """Generate without a length."""
    model, tokenizer = bench.loaded("taught")
    ids = tokenizer("Tokens are", return_tensors="pt")
    out = model.generate(**ids, do_sample=False)
    bench.say(tokenizer.decode(out[0], skip_special_tokens=True))
