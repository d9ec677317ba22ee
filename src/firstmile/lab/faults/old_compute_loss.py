"""An own trainer overrides compute_loss in the form of before transformers 4.46."""

from typing import Any

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/type-error",
    cause="api/compatibility",
    stage="fine-tuning",
    entry="own-compute-loss-lacks-num-items-in-batch",
)


def run(bench: Workbench) -> None:
    """Train one step with it."""
    from firstmile.lab.libraries import datasets, transformers

    model, tokenizer = bench.loaded()
    rows = tokenizer(bench.rows(4), padding=True)
    rows["labels"] = rows["input_ids"]

    def compute_loss(
        self: object, model: Any, inputs: dict[str, object], return_outputs: bool = False
    ) -> object:
        return model(**inputs).loss

    trainer_class = type("OwnTrainer", (transformers.Trainer,), {"compute_loss": compute_loss})
    trainer = trainer_class(
        model=model,
        args=transformers.TrainingArguments(output_dir="out", report_to=[], max_steps=2),
        train_dataset=datasets.Dataset.from_dict(dict(rows)),
    )
    trainer.train()
