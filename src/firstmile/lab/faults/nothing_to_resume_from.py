"""Training is to go on from a checkpoint, and the output folder has none."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/value-error",
    cause="api/call-parameter",
    stage="fine-tuning",
    entry="resume-finds-no-valid-checkpoint",
)


def run(bench: Workbench) -> None:
    """Resume in an empty folder."""
    from firstmile.lab.libraries import datasets, transformers

    model, tokenizer = bench.loaded()
    rows = tokenizer(bench.rows(4), padding=True)
    rows["labels"] = rows["input_ids"]
    trainer = transformers.Trainer(
        model=model,
        args=transformers.TrainingArguments(output_dir="out", report_to=[], max_steps=2),
        train_dataset=datasets.Dataset.from_dict(dict(rows)),
    )
    trainer.train(resume_from_checkpoint=True)
