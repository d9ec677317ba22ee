"""How far raters agree: coefficients, where they part, what is likely true, and pilot rounds.

`first_round` and `latest` read ratings off the decisions, `agree` computes all figures of one
set of ratings, `pilot` those of each pilot round, and `report` puts both into sentences, a
document and plain data. `confusion_csv` is what `study report --confusion` reads.
"""

from firstmile.study.agreement.agreeing import Agreement, AxisAgreement, agree
from firstmile.study.agreement.confusion import ClassConfusion, confusion_csv
from firstmile.study.agreement.pilot import Bound, Measure, Pilot, Target, pilot
from firstmile.study.agreement.ratings import Level, Moment, Rating, Ratings, first_round, latest
from firstmile.study.agreement.report import (
    AgreementReport,
    data,
    document,
    make_report,
    sentences,
)

__all__ = [
    "Agreement",
    "AgreementReport",
    "AxisAgreement",
    "Bound",
    "ClassConfusion",
    "Level",
    "Measure",
    "Moment",
    "Pilot",
    "Rating",
    "Ratings",
    "Target",
    "agree",
    "confusion_csv",
    "data",
    "document",
    "first_round",
    "latest",
    "make_report",
    "pilot",
    "sentences",
]
