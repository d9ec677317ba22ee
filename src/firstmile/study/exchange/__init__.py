"""Labels in and out: Label Studio's tasks and configuration, and CSV files.

Every reader returns `RaterLabel`s, checked against codebook and raters, and every fault is one
UserError that names the file, the record and the nearest that is known.
"""

from firstmile.study.exchange.csv_files import csv_labels, read_csv_labels
from firstmile.study.exchange.label_studio import (
    label_studio_tasks,
    labeling_config,
    read_label_studio,
)
from firstmile.study.exchange.labels import Imported, Known, RaterLabel

__all__ = [
    "Imported",
    "Known",
    "RaterLabel",
    "csv_labels",
    "label_studio_tasks",
    "labeling_config",
    "read_csv_labels",
    "read_label_studio",
]
