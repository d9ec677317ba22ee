"""In bfloat16 the same prompt gets other scores alone than in a batch."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="incorrect/generation/output-consistency",
    cause="computation/numerical-precision",
    stage="inference",
    entry="same-prompt-gives-other-text-in-another-engine-or-batch",
    note="I get different logits for the same prompt with batch size 1 and batch size 4.",
)


def run(bench: Workbench) -> None:
    """Score alone and in a batch."""
    from firstmile.lab.libraries import torch

    model, tokenizer = bench.loaded(dtype=torch.bfloat16)
    tokenizer.padding_side = "left"
    scores = []
    for texts in (["The quick"], ["The quick", *bench.rows(3)]):
        ids = tokenizer(texts, padding=True, return_tensors="pt")
        scores.append(model(**ids).logits[0, -1].float())
        bench.say(f"batch of {len(texts)}: {scores[-1][:6].tolist()}")
    bench.say(f"largest difference: {(scores[0] - scores[1]).abs().max().item():.5f}")
