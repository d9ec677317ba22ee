"""A lock that nobody opens stops the preparation of the data set."""

import time

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="hang/fine-tuning",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entry="preparation-of-the-data-set-stands-still",
    note="Training does not begin: this has not moved for an hour.",
    seconds=10.0,
)


def run(bench: Workbench) -> None:
    """Map with a function that waits."""
    from firstmile.lab.libraries import datasets

    def wait(row: dict[str, str], place: int) -> dict[str, int]:
        time.sleep(60 if place == 0 else 0.2)
        return {"length": len(row["text"])}

    rows = datasets.Dataset.from_dict({"text": bench.rows(8)})
    rows.map(wait, with_indices=True, desc="Running tokenizer on dataset")
