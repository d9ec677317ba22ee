"""A labelled study as a data set that others can use, check and cite.

`Dataset` holds what is published, `gather` fills it from a study's folder, `publish` writes it,
and `verify_published` checks a folder that somebody gives. `columns` says once what each column
means, `statements` and `labelling` once what the study can say; card, datasheet, Croissant
metadata and the tables all take theirs from there.
"""

from firstmile.study.publishing.dataset import (
    Dataset,
    DecidedBy,
    DuplicateJudgement,
    FailureRow,
    FunnelFacts,
    RaterDecision,
    RaterFacts,
    ThreadFacts,
    Versions,
)
from firstmile.study.publishing.gathering import gather
from firstmile.study.publishing.publishing import publish, published_files
from firstmile.study.publishing.verifying import problems, verify_published

__all__ = [
    "Dataset",
    "DecidedBy",
    "DuplicateJudgement",
    "FailureRow",
    "FunnelFacts",
    "RaterDecision",
    "RaterFacts",
    "ThreadFacts",
    "Versions",
    "gather",
    "problems",
    "publish",
    "published_files",
    "verify_published",
]
