"""The attention mask is not given, and padding and end are the same token."""

from firstmile.lab.fault import OLDER, Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="incorrect/generation/output-consistency",
    cause="api/call-parameter",
    stage="inference",
    entry="attention-mask-was-not-passed-to-generate",
    environment=OLDER,
    note="It works, but how can I get rid of this warning?",
)


def run(bench: Workbench) -> None:
    """Generate from ids alone."""
    model, tokenizer = bench.loaded("taught")
    model.generation_config.pad_token_id = model.generation_config.eos_token_id
    ids = tokenizer("The quick brown", return_tensors="pt")["input_ids"]
    out = model.generate(ids, max_new_tokens=24, do_sample=False)
    bench.say(tokenizer.decode(out[0], skip_special_tokens=True))
