"""Suggestions for raters: codes that a classifier learnt from the study's own final labels.

Only labels that are final are learnt from, so a suggestion tells no rater what another one said
of an issue that is still open. They anchor raters all the same: they are off unless a study turns
them on, and each decision then records what was suggested.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from firstmile.study.decisions import Decisions, LabelValue
from firstmile.study.folder import StudyFolder
from firstmile.study.issues import Issue
from firstmile.study.overview import make_overview
from firstmile.study.screening.stripping import strip_body, strip_title
from firstmile.taxonomy import Axis

FEWEST: Final = 30
"""Final labels below which nothing is suggested."""

FRESH: Final = 20
"""New final labels after which the classifier learns again."""


class Suggestions:
    """Suggests a code by axis for an issue; learns again as labels become final."""

    def __init__(self, folder: StudyFolder, decisions: Decisions) -> None:
        self._folder, self._decisions = folder, decisions
        self._learnt = 0
        self._seen = -1
        self._classifiers: Mapping[Axis, Any] = {}

    def __call__(self, issue: Issue) -> Mapping[str, str]:
        """Return a code by axis, empty while too little is known."""
        self._refresh()
        text = [_text(issue)]
        return {
            axis.value: str(classifier.predict(text)[0])
            for axis, classifier in self._classifiers.items()
        }

    def _refresh(self) -> None:
        latest = len(self._decisions.history())
        if latest < self._seen + FRESH and self._seen >= 0:
            return
        self._seen = latest
        standings = make_overview(self._folder, self._decisions).funnel.standings
        final = {url: one.labels for url, one in standings.items() if one.labels is not None}
        if len(final) < FEWEST or len(final) < self._learnt + FRESH:
            return
        issues = [found for url in final if (found := self._folder.store.issue(url)) is not None]
        labels = [final[one.url] for one in issues]
        self._classifiers = learn([_text(one) for one in issues], labels)
        self._learnt = len(final)


def learn(texts: Sequence[str], labels: Sequence[LabelValue]) -> Mapping[Axis, Any]:
    """Return a classifier of texts for each axis on which at least two codes were used."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    found: dict[Axis, Any] = {}
    for axis in Axis:
        codes = [getattr(label, axis.value) for label in labels]
        if len(set(codes)) < 2:
            continue
        made = make_pipeline(
            TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), max_features=50_000),
            LogisticRegression(C=10, class_weight="balanced", max_iter=300),
        )
        found[axis] = made.fit(texts, codes)
    return found


def _text(issue: Issue) -> str:
    return f"{strip_title(issue.title)}\n{strip_body(issue.body)}"
