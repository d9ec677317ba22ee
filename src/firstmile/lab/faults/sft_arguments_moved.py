"""The SFT trainer is given arguments that moved to its config."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/type-error",
    cause="api/compatibility",
    stage="fine-tuning",
    entry="sfttrainer-arguments-moved-to-sftconfig",
)


def run(bench: Workbench) -> None:
    """Make an SFT trainer as an old tutorial does."""
    from firstmile.lab.libraries import datasets, trl

    model, tokenizer = bench.loaded()
    trl.SFTTrainer(
        model=model,
        processing_class=tokenizer,
        train_dataset=datasets.Dataset.from_dict({"text": bench.rows(4)}),
        dataset_text_field="text",
        max_seq_length=128,
    )
