"""The trainer is given a tokenizer under the name of before transformers 5."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/type-error",
    cause="api/compatibility",
    stage="fine-tuning",
    entry="trainer-argument-tokenizer-became-processing-class",
)


def run(bench: Workbench) -> None:
    """Make a trainer as an old tutorial does."""
    from firstmile.lab.libraries import transformers

    model, tokenizer = bench.loaded()
    transformers.Trainer(
        model=model,
        args=transformers.TrainingArguments(output_dir="out", report_to=[]),
        tokenizer=tokenizer,
    )
