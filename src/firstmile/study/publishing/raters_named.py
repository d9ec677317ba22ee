"""Where raters' own names stand in the words that a data set publishes."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from firstmile.study.publishing.dataset import Dataset


def raters_named(dataset: Dataset, raters: Iterable[str]) -> Mapping[str, int]:
    """Return in how many decisions and judgements words name each of some raters, if any.

    Names in prose are not replaced, since a name such as "first" is a word as well.
    """
    names = {name.casefold(): name for name in raters}
    if not names:
        return {}
    pattern = re.compile(
        rf"(?<![\w-])(?:{'|'.join(map(re.escape, names))})(?![\w-])", re.IGNORECASE
    )
    found = Counter[str]()
    for one in (*dataset.decisions, *dataset.judgements):
        said = " ".join(getattr(one, key, None) or "" for key in ("note", "explanation"))
        found.update({names[word.casefold()] for word in pattern.findall(said)})
    return dict(sorted(found.items()))
