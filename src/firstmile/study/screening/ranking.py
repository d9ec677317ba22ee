"""Orders unread issues by how likely they report a failure, learning from each decision.

Certainty sampling with a linear classifier over TF-IDF, as in Cormack and Grossman's continuous
active learning (2014, SIGIR) and ASReview. Before there is a decision of both kinds, the keywords
stand in: their best and worst texts are presumed to be failures and none. Words are hashed, so
that half a million issues need no vocabulary in memory; only decided issues are learned from, so
learning stays quick however many wait.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
import numpy.typing as npt

from firstmile.study.screening.keywords import KEYWORDS, KeywordGroup, keyword_screen

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

TITLE_CHARACTERS: Final = 300
BODY_CHARACTERS: Final = 2_000
RANDOM_EVERY: Final = 20
PRESUMED: Final = 25
COST: Final = 0.3
_WIDTH: Final = 2**18
_CHUNK: Final = 20_000
_WEIGHTS: Final = (1.0, 0.5, 1.0, 1.0, 1.0)
_WORD: Final = r"[a-z_][a-z0-9_]+|\?|```|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"


class Sampling(StrEnum):
    """Which unread issue comes next.

    CERTAINTY: the likeliest failure. MIXED: so too, but every twentieth is drawn at random, so
    that kinds of failure the classifier doesn't know come up.
    """

    CERTAINTY = "certainty"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class Features:
    """Texts made ready to be ranked again and again: TF-IDF (n, width) and keywords (n,)."""

    matrix: "csr_matrix[Any]"
    keyword_scores: FloatArray

    def __len__(self) -> int:
        return len(self.keyword_scores)


@dataclass(frozen=True, slots=True)
class Ranking:
    """An order of reading.

    `order` holds the positions of the undecided texts, next one first. `scores` (n,) say of every
    text how far it lies on the side of the failures, or are keyword scores where `learned` is
    false: too few decisions to learn from.
    """

    order: IntArray
    scores: FloatArray
    learned: bool


def read_features(
    texts: Sequence[str],
    *,
    keywords: tuple[KeywordGroup, ...] = KEYWORDS,
    repositories: Sequence[str] = (),
    body_characters: int = BODY_CHARACTERS,
    piece_characters: int = 0,
) -> Features:
    """Return the features of texts, whose first line is the title.

    Words and pairs of words of title and body apart, question marks and code fences among them,
    pieces of words of the title, and Chinese, Japanese and Korean by character and pair of
    characters. A report's beginning says what it is: what follows `body_characters` is mostly
    logs, and is not read. Where `repositories` are given, one a text, words count once more within
    their repository, whose habits differ. `piece_characters` of the body are read in pieces of
    words too, which is slower by far and a little better.
    """
    from scipy.sparse import csr_matrix, hstack, vstack
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
    from sklearn.preprocessing import normalize

    words = HashingVectorizer(
        token_pattern=_WORD, ngram_range=(1, 2), n_features=_WIDTH, norm=None, alternate_sign=False
    )
    pieces = HashingVectorizer(
        analyzer="char_wb", ngram_range=(3, 5), n_features=_WIDTH, norm=None, alternate_sign=False
    )
    if not texts:
        return Features(csr_matrix((0, 3 * _WIDTH)), np.zeros(0))
    blocks: list[list[Any]] = []
    for at in range(0, len(texts), _CHUNK):
        chunk = [_parts(text, body_characters) for text in texts[at : at + _CHUNK]]
        titles, bodies = [title for title, _ in chunk], [body for _, body in chunk]
        row = [words.transform(titles), pieces.transform(titles), words.transform(bodies)]
        if repositories:
            row.append(_within(chunk, repositories[at : at + _CHUNK]))
        if piece_characters:
            row.append(pieces.transform([body[:piece_characters] for body in bodies]))
        blocks.append(row)
    weighed = [
        weight * normalize(TfidfTransformer(sublinear_tf=True).fit_transform(vstack(block)))
        for block, weight in zip(zip(*blocks, strict=True), _WEIGHTS, strict=False)
    ]
    scores = np.fromiter(keyword_scores(texts, keywords), np.float64, len(texts))
    return Features(hstack(weighed, format="csr", dtype=np.float64), scores)


def _within(parts: Sequence[tuple[str, str]], repositories: Sequence[str]) -> Any:
    """Return the words of texts, each marked with its text's repository."""
    from sklearn.feature_extraction import FeatureHasher

    found = re.compile(_WORD).findall
    hasher = FeatureHasher(_WIDTH, input_type="string", alternate_sign=False)
    return hasher.transform(
        [f"{repository} {word}" for word in found(f"{title} {body}".lower())]
        for (title, body), repository in zip(parts, repositories, strict=True)
    )


def keyword_scores(
    texts: Iterable[str], keywords: tuple[KeywordGroup, ...] = KEYWORDS
) -> Iterable[float]:
    """Yield how much each text speaks of failure: kinds of keywords in it, the title's twice."""
    groups = {keyword.text: group.name for group in keywords for keyword in group.keywords}
    present = keyword_screen(keywords).present
    for text in texts:
        title, body = _parts(text, BODY_CHARACTERS)
        in_title = {groups[word] for word in present(title)}
        yield float(len(in_title | {groups[word] for word in present(body)}) + len(in_title))


def rank(
    texts: Sequence[str] | Features,
    decisions: Sequence[bool | None],
    *,
    seed: int,
    sampling: Sampling = Sampling.MIXED,
) -> Ranking:
    """Order the undecided texts; decisions are True for a failure, False for none, None for open.

    The same texts, decisions and seed give the same order. Texts that are ranked again and again
    are handed over as `read_features` made them, which takes most of the time.
    """
    features = texts if isinstance(texts, Features) else read_features(texts)
    if len(decisions) != len(features):
        raise ValueError("there must be one decision a text, None where it is open")
    known = np.array([-1 if each is None else int(each) for each in decisions], dtype=np.int64)
    return rank_known(features, known, seed=seed, sampling=sampling)


def rank_known(
    features: Features, known: IntArray, *, seed: int, sampling: Sampling = Sampling.MIXED
) -> Ranking:
    """Order as `rank` does, from an array of 1 (failure), 0 (none) and -1 (open)."""
    scores, learned = _scores(features, known, seed)
    undecided = np.flatnonzero(known < 0)
    generator = np.random.default_rng([seed, int((known >= 0).sum())])
    tie_break = generator.random(len(undecided))
    order = undecided[np.lexsort((tie_break, -scores[undecided]))]
    if sampling is Sampling.MIXED:
        order = _interleaved(order, generator)
    return Ranking(order=order, scores=scores, learned=learned)


def _scores(features: Features, known: IntArray, seed: int) -> tuple[FloatArray, bool]:
    """Learn from both kinds; where one is absent, presume it from keywords; else keywords alone."""
    decided = np.flatnonzero(known >= 0)
    if not len(decided):
        return features.keyword_scores, False
    targets = known[decided]
    if targets.min() == targets.max():
        presumed = _presumed(features.keyword_scores, known, failures=not targets[0], seed=seed)
        if not len(presumed):
            return features.keyword_scores, False
        decided = np.concatenate([decided, presumed])
        targets = np.concatenate([targets, np.full(len(presumed), 1 - targets[0])])
    return _learned(features, decided, targets), True


def _presumed(scores: FloatArray, known: IntArray, *, failures: bool, seed: int) -> IntArray:
    """Return the undecided texts that keywords put last (or first, where failures are wanted)."""
    undecided = np.flatnonzero(known < 0)
    ties = np.random.default_rng([seed, 1]).random(len(undecided))
    order = np.lexsort((ties, -scores[undecided] if failures else scores[undecided]))
    return undecided[order[:PRESUMED]]


def _learned(features: Features, decided: IntArray, targets: IntArray) -> FloatArray:
    # Hashed words leave most columns empty; without them learning takes a tenth of the time.
    known = features.matrix[decided]
    columns = np.unique(known.indices)
    if not len(columns):
        return features.keyword_scores
    classifier = make_classifier().fit(known[:, columns], targets)
    weights = np.zeros(features.matrix.shape[1])
    weights[columns] = classifier.coef_[0]
    return cast(FloatArray, features.matrix @ weights + classifier.intercept_[0])


def make_classifier(cost: float = COST) -> Any:
    """Return the classifier: a linear support vector machine, both kinds weighed alike.

    Ten times as fast as logistic regression here and ranks as well; ASReview arrived at the same.
    Its fixed state keeps the order of reading the same from run to run.
    """
    from sklearn.svm import LinearSVC

    return LinearSVC(C=cost, class_weight="balanced", random_state=0, max_iter=10_000)


def _interleaved(order: IntArray, generator: np.random.Generator) -> IntArray:
    """Put a text drawn at random in every twentieth place; each text stays once."""
    count = len(order) // RANDOM_EVERY
    if not count:
        return order
    drawn = generator.choice(len(order), size=count, replace=False)
    left = np.delete(order, drawn)
    places = np.arange(1, count + 1) * (RANDOM_EVERY - 1)
    return np.insert(left, places, order[drawn])


def _parts(text: str, body_characters: int) -> tuple[str, str]:
    title, _, body = text.partition("\n")
    return title[:TITLE_CHARACTERS], body[:body_characters]
