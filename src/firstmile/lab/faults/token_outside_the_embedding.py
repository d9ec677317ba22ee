"""Tokens were added to the tokenizer, and the model's embedding was not resized."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/invalid-value",
    cause="tokenizer/control-token",
    entry="token-id-is-outside-the-embedding-on-the-cpu",
)


def run(bench: Workbench) -> None:
    """Add tokens and generate from one of them."""
    model, tokenizer = bench.loaded()
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|tool|>", "<|result|>"]})
    ids = tokenizer("<|tool|> weather <|result|>", return_tensors="pt")
    model.generate(**ids, max_new_tokens=5)
