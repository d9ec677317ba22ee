"""The data set has none of the columns that the model's forward takes."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/value-error",
    cause="api/call-parameter",
    stage="fine-tuning",
    entry="trainer-removed-every-column-of-the-data-set",
)


def run(bench: Workbench) -> None:
    """Train on the raw texts."""
    from firstmile.lab.libraries import datasets, transformers

    model, _ = bench.loaded()
    trainer = transformers.Trainer(
        model=model,
        args=transformers.TrainingArguments(output_dir="out", report_to=[], max_steps=2),
        train_dataset=datasets.Dataset.from_dict({"text": bench.rows(4)}),
    )
    trainer.train()
