"""Rules about how a set was published: its files, its README, its numbering."""

import re
from itertools import pairwise
from typing import Final

import numpy as np

from firstmile.findings import Evidence, Finding
from firstmile.study.failures import Column
from firstmile.study.reading.mapping import NUMBER
from firstmile.study.reading.quality._verdicts import doubtful, fine, not_known, number
from firstmile.study.reading.quoting import quoted, shown
from firstmile.study.reading.records import LabelledFile, Records
from firstmile.study.reading.series import SERIES
from firstmile.taxonomy import Taxonomy

_COUNTED: Final = re.compile(
    r"(?<![\w.-])(\d{1,3}(?:,\d{3})+|\d+)[*_`]*\s+(?:\w+\s+)?"
    r"(?:cases|failures|issues|reports|records|rows)\b",
    re.IGNORECASE,
)
_ONE_FILE: Final = "what stands beside the files that hold the records was not looked at"


def license_absent(records: Records, taxonomy: Taxonomy) -> Finding:
    """A license stands beside the data."""
    if not records.whole:
        return not_known(_ONE_FILE)
    top = [name for name in records.names if "/" not in name]
    if any(re.match(r"(licen[cs]e|copying)\b", name, re.IGNORECASE) for name in top):
        return fine("a license stands beside the data")
    lines = (records.readme or "").splitlines()
    listed = [line for line in lines if re.search(r"\bLICEN[CS]E\b", line)]
    told = ", though the README lists one" if listed else ""
    return doubtful(
        f"there is no license beside the data{told}, so nobody may assume a right to copy it",
        (Evidence(text=shown(line.strip()), file="README.md") for line in listed),
        remedy="ask the publisher before passing the rows on",
    )


def readme_counts_differ(records: Records, taxonomy: Taxonomy) -> Finding:
    """The numbers in the README are those of the data."""
    if not records.whole:
        return not_known(_ONE_FILE)
    if records.readme is None:
        return not_known(
            "no README stands beside the data, so the publisher's counts are not known here"
        )
    if records.generated:
        return not_known(
            "firstmile wrote the README with the data, and what it counts is more than records"
        )
    series = records.failures.columns.get("series")
    looked, wrong = 0, []
    for line in records.readme.splitlines():
        named = [name for name in SERIES if re.search(rf"\b{name}", line, re.IGNORECASE)]
        for found in _COUNTED.finditer(line):
            stated = int(found[1].replace(",", ""))
            counted = _count(series, named[0]) if len(named) == 1 else len(records)
            looked += 1
            if stated != counted:
                of = f"{named[0]} records" if len(named) == 1 else "records"
                text = f"states {stated:,}, there are {counted:,} {of}: {quoted(line.strip())}"
                wrong.append(Evidence(text=text, file="README.md"))
    if not looked:
        return not_known("the README states no counts")
    if not wrong:
        return fine(f"{number(looked, 'count')} in the README agree with the data")
    return doubtful(f"the README is wrong in {len(wrong)} of {number(looked, 'count')}", wrong)


def number_is_a_row_index(records: Records, taxonomy: Taxonomy) -> Finding:
    """The number of a record is that of its issue."""
    numbered = [file for file in records.files if NUMBER in file.raw.columns]
    if not numbered:
        return not_known("the records bear no number")
    counting = [
        file for file in numbered if _counts_from_one(file) and _equals_issue(file) < len(file.raw)
    ]
    equal = sum(_equals_issue(file) for file in numbered)
    total = sum(len(file.raw) for file in numbered)
    if not counting:
        return fine(f"the numbers of {number(total, 'record')} are no mere row indices")
    return doubtful(
        f"number counts the records from 1 in {len(counting)} of "
        f"{number(len(numbered), 'file')} and is the issue's number in {equal:,} of "
        f"{number(total, 'record')}; the issue's number stands in the link alone",
        (
            Evidence(text=f"number 1 to {len(file.raw)}", file=file.name, record=1)
            for file in counting
        ),
    )


def numbering_broken(records: Records, taxonomy: Taxonomy) -> Finding:
    """The numbers of a file's records are the issues', or rise by one without gap or restart."""
    numbered = [file for file in records.files if NUMBER in file.raw.columns]
    if not numbered:
        return not_known("the records bear no number")
    counting = [file for file in numbered if _equals_issue(file) < len(file.raw)]
    if not counting:
        return fine(f"the numbers in {number(len(numbered), 'file')} are those of the issues")
    evidence, count = [], 0
    for file in counting:
        numbers = file.raw.columns[NUMBER].values()
        for row, (before, after) in enumerate(pairwise(numbers), 2):
            if not _follows(before, after):
                count += 1
                text = f"number {shown(str(after))} after {shown(str(before))}"
                evidence.append(Evidence(text=text, file=file.name, record=row))
    if not count:
        return fine(f"the numbers rise by one in each of {number(len(counting), 'file')}")
    return doubtful(f"the numbering breaks in {number(count, 'place')}", evidence)


def folder_name_ends_in_space(records: Records, taxonomy: Taxonomy) -> Finding:
    """No name of a file or folder begins or ends in white space."""
    if not records.whole:
        return not_known(_ONE_FILE)
    paths = {
        "/".join(parts[: depth + 1])
        for parts in (name.split("/") for name in records.names)
        for depth, part in enumerate(parts)
        if part != part.strip()
    }
    if not paths:
        return fine(f"no white space around the names of {number(len(records.names), 'file')}")
    return doubtful(
        f"white space begins or ends {number(len(paths), 'name')} of files or folders, "
        "which some systems cannot store",
        (Evidence(text=quoted(path), file=path) for path in sorted(paths)),
    )


def file_not_read(records: Records, taxonomy: Taxonomy) -> Finding:
    """Every file of the source is data, or its README or license."""
    if not records.whole:
        return not_known(_ONE_FILE)
    read = {file.name for file in records.files}
    if records.named:
        beside = len(set(records.names) - read)
        return fine(
            f"the study.toml names what is read: {number(len(read), 'data file')}; "
            f"{number(beside, 'other file')} beside it"
        )
    others = [
        name
        for name in records.names
        if name not in read and not re.match(r"(readme|licen[cs]e|copying)\b", name, re.IGNORECASE)
    ]
    hidden = f", and {number(records.hidden, 'hidden one')}" if records.hidden else ""
    if not others and not hidden:
        return fine(f"all {number(len(read), 'data file')} were read, and there is nothing else")
    return doubtful(
        f"read: {number(len(read), 'data file')}; not read, holding no records in the published "
        f"layout: {number(len(others), 'other file')}{hidden}",
        (Evidence(text="not read", file=name) for name in others),
    )


def _count(series: Column | None, name: str) -> int:
    if series is None or name not in series.categories:
        return 0
    return int((series.codes == series.categories.index(name)).sum())


def _counts_from_one(file: LabelledFile) -> bool:
    column = file.raw.columns[NUMBER]
    return column.values() == [str(row) for row in range(1, len(file.raw) + 1)]


def _equals_issue(file: LabelledFile) -> int:
    issue = file.failures.columns.get("issue")
    if issue is None:
        return 0
    ends = np.array([url.rpartition("/")[2] for url in issue.categories] + [""])
    numbers = np.array([*file.raw.columns[NUMBER].categories, ""])
    written = numbers[file.raw.columns[NUMBER].codes]
    return int(((ends[issue.codes] == written) & (written != "")).sum())


def _follows(before: str | None, after: str | None) -> bool:
    numbers = [int(t) for t in (before, after) if t and re.fullmatch("[0-9]{1,12}", t)]
    return len(numbers) == 2 and numbers[1] == numbers[0] + 1
