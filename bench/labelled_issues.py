"""Issues of known class: as filed, as the keyword screen reads them, and without their forms."""

import csv
import gzip
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import msgspec
import numpy as np
import numpy.typing as npt

from firstmile.study.screening.copies import bodies_once
from firstmile.study.screening.duplicates import Report
from firstmile.study.screening.evaluation import truth_of
from firstmile.study.screening.stripping import (
    frequent_lines,
    screening_text,
    strip_body,
    strip_title,
)

Truth = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """Texts of known class in three forms: as filed, as the keyword screen reads them, stripped."""

    keys: tuple[str, ...]
    titles: tuple[str, ...]
    repositories: tuple[str, ...]
    classes: npt.NDArray[Any]
    raw: tuple[str, ...]
    screened: tuple[str, ...]
    stripped: tuple[str, ...]


def make_corpus(rows: Sequence[tuple[str, str, str, str, Any]]) -> Corpus:
    """Return a corpus of rows of key, repository, title, body and class."""
    filed: dict[str, list[tuple[str, str]]] = {}
    for _key, repository, title, body, _class in rows:
        filed.setdefault(repository, []).append((strip_title(title), body))
    forms = {
        repository: frequent_lines(bodies_once(*map(list, zip(*each, strict=True))))
        for repository, each in filed.items()
    }
    return Corpus(
        keys=tuple(row[0] for row in rows),
        titles=tuple(row[2] for row in rows),
        repositories=tuple(row[1] for row in rows),
        classes=np.array([row[4] for row in rows]),
        raw=tuple(f"{row[2]}\n{row[3]}" for row in rows),
        screened=tuple(screening_text(row[2], row[3], forms[row[1]]) for row in rows),
        stripped=tuple(
            f"{strip_title(row[2])}\n{strip_body(row[3], forms[row[1]])}" for row in rows
        ),
    )


def engine_issues(folder: Path) -> Corpus:
    """Read engine-issues; the class is a boolean, None where the labels don't tell."""
    rows = []
    with gzip.open(folder / "engine-issues/issues.jsonl.gz") as file:
        for line in file:
            issue = msgspec.json.decode(line)
            repository = "/".join(issue["html_url"].split("/")[3:5])
            key = f"{repository}#{issue['number']}"
            truth = truth_of(issue["labels"])
            rows.append((key, repository, issue["title"], issue["body"] or "", truth))
    return make_corpus(rows)


def nlbse(folder: Path) -> Corpus:
    """Read nlbse2024."""
    csv.field_size_limit(2**30)
    with gzip.open(folder / "nlbse2024/issues_train.csv.gz", "rt", encoding="utf-8") as file:
        found = list(csv.DictReader(io.StringIO(file.read())))
    return make_corpus(
        [
            (f"{row['repo']} row {place}", row["repo"], row["title"], row["body"], row["label"])
            for place, row in enumerate(found)
        ]
    )


def known(corpus: Corpus) -> tuple[Corpus, Truth]:
    """Return the issues whose class the labels tell."""
    places = [place for place, each in enumerate(corpus.classes) if each is not None]

    def some(values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(values[place] for place in places)

    truth = np.array([bool(corpus.classes[place]) for place in places])
    return (
        Corpus(
            keys=some(corpus.keys),
            titles=some(corpus.titles),
            repositories=some(corpus.repositories),
            classes=truth,
            raw=some(corpus.raw),
            screened=some(corpus.screened),
            stripped=some(corpus.stripped),
        ),
        truth,
    )


def labelled_duplicates(folder: Path) -> int:
    """Count the engine-issues that carry the label `duplicate`."""
    with gzip.open(folder / "engine-issues/issues.jsonl.gz") as file:
        return sum(
            "duplicate" in cast(list[str], msgspec.json.decode(line)["labels"]) for line in file
        )


def reports_of(corpus: Corpus) -> list[Report]:
    """Return the stripped texts as the search for duplicates takes them."""
    parted = (text.partition("\n") for text in corpus.stripped)
    return [
        Report(key=key, title=title, text=text)
        for key, (title, _, text) in zip(corpus.keys, parted, strict=True)
    ]
