"""Training: a trainer for small models and a few rows of text, as a user would set one up."""

import os
import signal
from collections.abc import Sequence
from typing import Any

from firstmile.lab.workbench import Workbench


def trainer(
    bench: Workbench,
    model: Any,
    tokenizer: Any,
    *,
    texts: Sequence[str] = (),
    mask_all: bool = False,
    **settings: Any,
) -> Any:
    """Return a trainer that logs every step, on `texts` or the workbench's own.

    `mask_all` gives no token a label.
    """
    from firstmile.lab.libraries import datasets, transformers

    rows = dict(
        tokenizer(list(texts) or bench.rows(8), padding=True, truncation=True, max_length=64)
    )
    rows["labels"] = [
        [-100 if mask_all or not kept else token for token, kept in zip(ids, mask, strict=True)]
        for ids, mask in zip(rows["input_ids"], rows["attention_mask"], strict=True)
    ]
    arguments = {
        "output_dir": str(bench.folder / "out"),
        "per_device_train_batch_size": 2,
        "max_steps": 6,
        "logging_steps": 1,
        "report_to": [],
        "save_strategy": "no",
        "use_cpu": True,
        **settings,
    }
    return transformers.Trainer(
        model=model,
        args=transformers.TrainingArguments(**arguments),
        train_dataset=datasets.Dataset.from_dict(rows),
    )


def rows_that_end_a_worker(ended_by: signal.Signals) -> Any:
    """Return a set of eight rows; a signal ends whichever worker fetches the sixth."""
    from firstmile.lab.libraries import torch

    class Rows(torch.utils.data.Dataset):  # type: ignore[misc] # torch is Any here
        def __len__(self) -> int:
            return 8

        def __getitem__(self, place: int) -> object:
            if place == 5:
                os.kill(os.getpid(), ended_by)
            return torch.zeros(4)

    return Rows()
