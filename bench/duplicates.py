"""Measure the search for duplicates: on judged pairs, and on copies planted among real reports.

`duplicate_pairs.csv` holds pairs that were read and whether both report one failure, or one
request: links and verdicts, no texts. Copies are made by a seeded generator, so both figures come
out the same each time.
"""

import csv
import random
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Final

from bench.labelled_issues import Corpus, reports_of
from firstmile.statistics.intervals import wilson_interval
from firstmile.study.screening.duplicates import Group, Report, group_duplicates
from firstmile.study.screening.errors_in_text import error_lines

PAIRS: Final = Path(__file__).with_name("duplicate_pairs.csv")
COPIES: Final = 150
SHORT: Final = 60
ORIGINALS: Final = 20
TIMES: Final = (3, 30)
FEWEST: Final = 8
SEED: Final = 20_261_127
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_CHANGED: Final = re.compile(r"(?<![\w.-])\d{3,6}(?![\w.-])")

FORM: Final = (
    "Before you ask, please search the tracker of this project and read its documentation.",
    "Describe what you did, what you expected to happen and what happened instead of that.",
    "是否已经搜索过已有的问题和讨论?请在提交之前确认文档中没有答案。",
    "I am running the newest release and have read the guide for people who report problems.",
    "Which machine, operating system, driver and version of Python do you use? Fill in below.",
    "Thank you for taking the time to fill in this form, it helps us to help you much sooner.",
)
"""A form of another repository, made up, in two languages."""


def read_pairs(file: Path = PAIRS) -> dict[frozenset[str], bool]:
    """Return the judged pairs of keys, and whether the two report the same."""
    with file.open(encoding="utf-8", newline="") as lines:
        return {
            frozenset((_key(row["first"]), _key(row["second"]))): row["same"] == "yes"
            for row in csv.DictReader(lines)
        }


def _key(link: str) -> str:
    return link.removeprefix("https://github.com/").replace("/issues/", "#")


def pairs_of(groups: Sequence[Group]) -> set[frozenset[str]]:
    """Return every two members of every group."""
    return {frozenset(pair) for group in groups for pair in combinations(group.members, 2)}


def share(hits: int, of: int) -> str:
    """Return a share with its 95% interval (Wilson's)."""
    if not of:
        return "none of none"
    interval = wilson_interval(hits, of)
    return f"{hits} of {of}: {hits / of:.2f} ({interval.low:.2f} to {interval.high:.2f})"


def plant(reports: Sequence[Report], kind: str) -> list[Report]:
    """Return edited copies of some reports; the key of a copy is that of its original and `0`."""
    draw = random.Random(f"{SEED} {kind}")
    suits, edit = KINDS[kind]
    suited = [report for report in reports if suits(report)]
    chosen = sorted(draw.sample(range(len(suited)), min(COPIES, len(suited))))
    return [edit(suited[place], reports, draw) for place in chosen]


def measure_recall(reports: Sequence[Report]) -> str:
    """Return a table of the share of planted copies that join their originals."""
    rows = []
    for kind in KINDS:
        copies = plant(reports, kind)
        found = pairs_of(group_duplicates([*reports, *copies]))
        hits = sum(frozenset((copy.key, copy.key[:-1])) in found for copy in copies)
        rows.append(f"| {kind} | {share(hits, len(copies))} |")
    return "\n".join(rows)


def repeat(reports: Sequence[Report], kind: str, times: int) -> list[tuple[str, Report]]:
    """Return some long reports filed so many times more, each copy with its original's key."""
    draw = random.Random(f"{SEED} {kind} {times}")
    unlike, edit = REPEATED[kind]
    long = [report for report in reports if _words(report) > SHORT]
    copies = []
    for original in draw.sample(long, min(ORIGINALS, len(long))):
        for number in range(times):
            title = draw.choice(reports).title if unlike else original.title
            copy = Report(
                key=f"{original.key}{number:02d}0", title=title, text=edit(original.text, draw)
            )
            copies.append((original.key, copy))
    return copies


def measure_repeated(reports: Sequence[Report]) -> str:
    """Return a table of the share of repeated copies that join their originals."""
    rows = []
    for kind in REPEATED:
        cells = []
        for times in TIMES:
            copies = repeat(reports, kind, times)
            groups = group_duplicates([*reports, *(copy for _key, copy in copies)])
            group_of = {key: at for at, group in enumerate(groups) for key in group.members}
            hits = sum(
                group_of.get(copy.key, -1) == group_of.get(original, -2)
                for original, copy in copies
            )
            cells.append(f"{hits} of {len(copies)}: {hits / max(1, len(copies)):.2f}")
        rows.append(f"| {kind} | {' | '.join(cells)} |")
    return "\n".join(rows)


def measure_precision(found: Mapping[str, Sequence[Group]]) -> str:
    """Return a table of how many of the pairs and groups that were found are right."""
    judged = read_pairs()
    rows = []
    for name, groups in found.items():
        pairs = pairs_of(groups)
        read = [judged[pair] for pair in pairs if pair in judged]
        whole = [[judged.get(pair) for pair in pairs_of([group])] for group in groups]
        right = [all(verdicts) for verdicts in whole if None not in verdicts]
        there = {key.split(" row ")[0].split("#")[0] for group in groups for key in group.members}
        known = {
            pair
            for pair, same in judged.items()
            if same and all(key.split(" row ")[0].split("#")[0] in there for key in pair)
        }
        rows.append(
            f"| {name} | {len(groups)} | {len(pairs)} | {share(sum(read), len(read))} "
            f"| {share(sum(right), len(right))} | {share(len(known & pairs), len(known))} |"
        )
    return "\n".join(rows)


def duplicate_part(engines: Corpus, others: Corpus, labelled: int) -> str:
    """Return the section on duplicates."""
    corpora = {"engine-issues": reports_of(engines), "nlbse2024": reports_of(others)}
    found = {name: group_duplicates(reports) for name, reports in corpora.items()}
    across = sum(
        len({key.split("#")[0] for key in group.members}) > 1 for group in found["engine-issues"]
    )
    return f"""## Duplicates

Every pair found was read, and asked whether both report one failure, or one request; so were the
pairs just below the thresholds, and those that earlier versions found. The verdicts are kept, as
links, in `bench/duplicate_pairs.csv`. A group with a single stranger in it counts as wrong.
Thresholds were chosen while looking at these pairs, so expect a little less elsewhere. Intervals
are Wilson's, 95%. {across} groups of engine-issues reach across repositories.

| data | groups | pairs | pairs right, of those read | groups right | of known pairs |
|---|---|---|---|---|---|
{measure_precision(found)}

*Of known pairs* is the share found of all pairs read to be the same: no recall, since nobody read
all pairs. For that, {COPIES} reports of
engine-issues at most are copied and edited, and the copies planted among all {len(engines.keys):,};
found is a copy that ends up in the group of its original. Numbers of three digits and more are
changed in all of them.

| copies | found |
|---|---|
{measure_recall(corpora["engine-issues"])}

A failure may be filed over and over. So {ORIGINALS} reports are copied {TIMES[0]} and {TIMES[1]}
times each; found is again a copy in the group of its original. Where a
third of a report is its form's, and the rest is the same three times and more, titles tell a
failure from a form that nobody filled in: under three unlike titles, or one that speaks to the
reporter, it is taken for a form's default text, and copies of a failure that look so are missed.
Copies with another version or date under unlike titles are compared by what little a short body
says.

| copies of one report | {TIMES[0]} times | {TIMES[1]} times |
|---|---|---|
{measure_repeated(corpora["engine-issues"])}

{labelled} of these issues carry the maintainers' label `duplicate`, but the sample holds only a
part of the trackers, hardly ever with the original, so recall among real ones can't be measured
here. In a study the first of each group goes on, and the others leave at once: no rater is asked.
`firstmile study duplicates` shows the groups and what joined them; with `--not` and `--same` a
rater records, with a reason, that two issues are not one failure, or that they are, and later
screens keep to it. What left that way is among the discarded that the audit samples, and comes back
where the audit finds a failure; one that was verified or labelled before never leaves.
"""


Edit = Callable[[Report, Sequence[Report], random.Random], Report]


def _words(report: Report) -> int:
    return len(re.findall(r"[^\W\d_]{2,}", f"{report.title} {report.text}"))


def _copy(report: Report, title: str, text: str) -> Report:
    numbered = _CHANGED.sub(lambda found: str(int(found[0]) + 1), text)
    return Report(key=f"{report.key}0", title=title, text=numbered)


def _fewer(text: str, one_in: int, draw: random.Random) -> str:
    """Drop one word in so many, at least one, and leave the lines as they are."""
    parts = re.split(r"(\s+)", text)
    words = [place for place, part in enumerate(parts) if part.strip()]
    gone = set(draw.sample(words, min(len(words), max(1, len(words) // one_in))))
    return "".join(part for place, part in enumerate(parts) if place not in gone)


def _drop_words(report: Report, _others: Sequence[Report], draw: random.Random) -> Report:
    return _copy(report, report.title, _fewer(report.text, 20, draw))


def _drop_from_short(report: Report, _others: Sequence[Report], draw: random.Random) -> Report:
    title, _, text = _fewer(f"{report.title}\n{report.text}", 10, draw).partition("\n")
    return _copy(report, title, text)


def _drop_characters(report: Report, _others: Sequence[Report], draw: random.Random) -> Report:
    places = [found.start() for found in _HAN.finditer(report.text)]
    gone = set(draw.sample(places, max(1, len(places) // 20)))
    text = "".join(sign for place, sign in enumerate(report.text) if place not in gone)
    return _copy(report, report.title, text)


def _other_form(report: Report, _others: Sequence[Report], draw: random.Random) -> Report:
    """Put the text into another form, each line with a chance of an answer under it."""
    lines = list(FORM)
    at = draw.randrange(1, len(lines))
    text = "\n".join([*lines[:at], report.text, *lines[at:]])
    return _copy(report, report.title, text)


def _other_log(report: Report, others: Sequence[Report], draw: random.Random) -> Report:
    """Keep first line, error lines and most of the title; the rest comes from another report."""
    other = draw.choice(others).text.split("\n")[:40]
    errors = [line.text for line in error_lines(f"{report.title}\n{report.text}")]
    first = next((line for line in report.text.split("\n") if line.strip()), "")
    at = draw.randrange(len(other) + 1)
    text = "\n".join([first, *other[:at], "```", *errors, "```", *other[at:]])
    return _copy(report, _fewer(report.title, 10, draw), text)


KINDS: Final[Mapping[str, tuple[Callable[[Report], bool], Edit]]] = {
    "one word in twenty dropped": (lambda one: _words(one) > SHORT, _drop_words),
    "short texts, one word in ten dropped": (
        lambda one: FEWEST <= _words(one) <= SHORT,
        _drop_from_short,
    ),
    "Chinese, one character in twenty dropped": (
        lambda one: len(_HAN.findall(one.text)) >= FEWEST and _words(one) <= SHORT,
        _drop_characters,
    ),
    "another form around the same text": (lambda one: _words(one) >= FEWEST, _other_form),
    "another log around the same error": (
        lambda one: bool(error_lines(f"{one.title}\n{one.text}")),
        _other_log,
    ),
}
"""Ways to edit a copy: which reports suit, and the edit."""


def _as_it_is(text: str, _draw: random.Random) -> str:
    return text


def _dated(text: str, draw: random.Random) -> str:
    """Add a line with a version and a date, another one for each copy."""
    month = draw.choice(("January", "March", "June", "November"))
    version = f"{draw.randrange(9)}.{draw.randrange(20)}.{draw.choice(('0', '1rc2', '3.post1'))}"
    return f"{text}\nSeen with release v{version} on {month} {draw.randrange(1, 29)} of this year"


REPEATED: Final[Mapping[str, tuple[bool, Callable[[str, random.Random], str]]]] = {
    "as they are, the same title": (False, _as_it_is),
    "as they are, titles of other reports": (True, _as_it_is),
    "another version and date, the same title": (False, _dated),
    "another version and date, titles of other reports": (True, _dated),
    "one word in twenty dropped, the same title": (
        False,
        lambda text, draw: _fewer(text, 20, draw),
    ),
}
"""Ways to file a report over and over: whether titles differ, and what is done to the text."""
