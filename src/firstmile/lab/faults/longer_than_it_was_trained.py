"""The text goes on beyond the positions that the model was trained for."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="incorrect/generation/capability-degradation",
    cause="configuration/inference",
    stage="inference",
    entry="text-beyond-the-trained-length-falls-apart",
    note="With a long prompt the output falls apart after some hundred tokens.",
)


def run(bench: Workbench) -> None:
    """Generate beyond the maximum."""
    model, tokenizer = bench.loaded("taught")
    ids = tokenizer(" ".join(bench.rows(14)), return_tensors="pt")
    model.generation_config.eos_token_id = None
    out = model.generate(**ids, max_new_tokens=40, do_sample=False)
    bench.say(ascii(tokenizer.decode(out[0, -40:])))
