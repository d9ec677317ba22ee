"""Padding and end are the same token, so the end token is masked in training and never learnt."""

from firstmile.lab.fault import Fault
from firstmile.lab.training import trainer
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="incorrect/generation/special-token",
    cause="tokenizer/control-token",
    entry="tuned-model-never-writes-its-end-token",
    note="After fine-tuning the model never stops generating. I had set pad_token = eos_token.",
)


def run(bench: Workbench) -> None:
    """Train with a masked end and generate."""
    model, tokenizer = bench.loaded("taught")
    tokenizer.pad_token = tokenizer.eos_token
    texts = [f"{text} {bench.rows(1)[0]}" for text in bench.rows(8)]
    trainer(
        bench, model, tokenizer, texts=texts, learning_rate=3e-3, max_steps=60, logging_steps=10
    ).train()
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    ids = tokenizer("The quick brown", return_tensors="pt")
    out = model.generate(**ids, max_new_tokens=60, do_sample=False)
    bench.say(ascii(tokenizer.decode(out[0])))
