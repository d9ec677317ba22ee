"""The training arguments have a name that transformers 4.46 dropped."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/type-error",
    cause="api/compatibility",
    stage="fine-tuning",
    entry="training-argument-evaluation-strategy-was-renamed",
)


def run(bench: Workbench) -> None:
    """Make training arguments as an old tutorial does."""
    from firstmile.lab.libraries import transformers

    transformers.TrainingArguments(
        output_dir="out", evaluation_strategy="epoch", per_device_train_batch_size=2
    )
