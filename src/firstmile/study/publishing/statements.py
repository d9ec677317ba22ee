"""What the study can say about its data set, in sentences; no number in them is typed.

Croissant's responsible-AI fields, the data-set card, the datasheet and the privacy statement all
take their words from here, so that they cannot contradict each other.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Final

from firstmile.study.decisions import Step
from firstmile.study.design import is_placeholder
from firstmile.study.funnel import Place
from firstmile.study.funnel_words import reason_in_words
from firstmile.study.publishing.dataset import Dataset, DecidedBy
from firstmile.taxonomy import Axis

NOT_KNOWN: Final = "Not known."

NAMES: Final = ("account", "mention", "profile")
"""Kinds of redactions that are names of accounts: replaced by pseudonyms rather than taken out."""


def count(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: "1 issue", "1,200 issues"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listing(words: list[str]) -> str:
    """Return words as "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def sentence(words: str) -> str:
    """Return what somebody stated, ended as a sentence."""
    whole = words.strip()
    return whole if not whole or whole.endswith((".", "!", "?")) else f"{whole}."


def also(said: str, *stated: tuple[str, str]) -> str:
    """Return a text with what is stated after it, each under its name, where anything is."""
    more = (f" {name}: {sentence(words)}" for name, words in stated if words.strip())
    return said + "".join(more)


def unstated(dataset: Dataset) -> list[str]:
    """Return the keys of the study.toml that are empty and leave a gap in the documents."""
    stated = {
        "study.name": not is_placeholder(dataset.name),
        "study.question": dataset.question.strip(),
        "study.authors": dataset.authors,
        "publish.contact": dataset.contact.strip(),
        "publish.license": dataset.license.strip(),
        "publish.url": dataset.url.strip(),
    }
    return [key for key, value in stated.items() if not value]


def summary(dataset: Dataset) -> str:
    """Say what the data set is."""
    sources = count(len(dataset.labelled_from), "repository", "repositories")
    question = f" The study asks: {dataset.question}" if dataset.question else ""
    return (
        f"{count(len(dataset.rows), 'failure')} that users reported in the issues of {sources}, "
        "each labelled with a symptom, a root cause and a lifecycle stage of the "
        f"codebook {dataset.codebook.version}, with every decision on record and the funnel from "
        f"all collected issues to the labelled ones.{question}"
    )


def unfinished(dataset: Dataset) -> str:
    """Say what nobody has decided yet; nothing where all is decided."""
    if not dataset.waiting:
        return ""
    words = {
        Place.TO_SCREEN: "to be screened",
        Place.TO_VERIFY: "to be verified",
        Place.TO_LABEL: "to be labelled",
        Place.TO_ADJUDICATE: "to be adjudicated",
    }
    parts = [f"{number:,} {words[Place(place)]}" for place, number in dataset.waiting.items()]
    if len(parts) == 1:
        ((place, number),) = dataset.waiting.items()
        waits = f"{count(number, 'issue waits', 'issues wait')} {words[Place(place)]}"
    else:
        number = sum(dataset.waiting.values())
        waits = f"{count(number, 'issue waits', 'issues wait')} ({listing(parts)})"
    return f"The study is not finished: {waits}, so rows are missing and shares may change."


def collection(dataset: Dataset) -> str:
    """Say how the issues were collected and how they were chosen."""
    said = []
    if dataset.funnel:
        said.append(f"{count(dataset.funnel[0].entered, 'issue')} were collected")
    else:
        said.append("Issues were collected")
    names = list(dataset.repositories) or list(dataset.labelled_from)
    said.append(f" from {listing(names)}." if names else ".")
    for step in dataset.funnel:
        reasons = ", ".join(
            f"{reason_in_words(reason)} {number:,}" for reason, number in step.reasons.items()
        )
        why = f" ({reasons})" if reasons else ""
        waiting = f", {step.waiting:,} wait for a decision" if step.waiting else ""
        said.append(
            f" {step.name}: {step.entered:,} came in, {step.left:,} left{why}{waiting}, "
            f"{step.passed:,} went on."
        )
    said.append(" Pull requests were left out.")
    return "".join(said)


def time_covered(dataset: Dataset) -> str:
    """Say when the labelled issues were opened."""
    days = [row.created for row in dataset.rows if row.created is not None]
    if not days:
        return "When the labelled issues were opened is not known."
    missing = len(dataset.rows) - len(days)
    rest = f" ({count(missing, 'row')} without a known day)" if missing else ""
    return f"The labelled issues were opened from {min(days)} to {max(days)}{rest}."


def time_collected(dataset: Dataset) -> str:
    """Say when the issues were collected."""
    if dataset.collected is None:
        return "When the issues were collected is not known."
    first, last = dataset.collected
    if first == last:
        return f"The issues were collected on {first}."
    return f"The issues were collected from {first} to {last}."


def suggestions(dataset: Dataset) -> str:
    """Say whether raters were shown a classifier's suggestions, which anchor them."""
    labels = [one for one in dataset.decisions if one.step is Step.LABEL and not one.withdrawn]
    shown = sum(1 for one in labels if one.suggested)
    if not shown:
        return "No suggestion of a classifier was shown to the raters."
    return (
        f"In {shown:,} of {count(len(labels), 'labelling decision')} a classifier's suggestion "
        "was shown to the rater, which anchors; each such decision records it."
    )


def labelled_twice(dataset: Dataset) -> bool:
    """Whether any issue carries labels of more than one rater, so that agreement can be seen."""
    first: dict[str, str] = {}
    return any(
        first.setdefault(one.issue, one.rater) != one.rater
        for one in dataset.decisions
        if one.step is Step.LABEL and not one.withdrawn
    )


def biases(dataset: Dataset) -> list[str]:
    """Return the known biases."""
    by_repository = Counter(row.repository for row in dataset.rows)
    most, rows = by_repository.most_common(1)[0]
    share = 100 * rows / len(dataset.rows)
    found = [
        "Only what users report in the issues of these repositories is seen: those who give up, "
        "ask elsewhere or help themselves are absent.",
        f"All rows are of {most}, so they say nothing of other projects."
        if rows == len(dataset.rows)
        else f"{most} alone accounts for {rows:,} of {len(dataset.rows):,} rows ({share:.0f}%)"
        + (", so shares over all rows are mostly its shares." if share > 50 else "."),
    ]
    leaving = next((step for step in dataset.funnel if step.left), None)
    if leaving is not None:
        found.append(
            "Which issues were screened out, by which step and for which reason, is in "
            "funnel.json; what a screen misses is missing from the rows."
        )
    found.append(suggestions(dataset))
    return found


def limitations(dataset: Dataset) -> list[str]:
    """Return the known limitations and the uses that they forbid."""
    unsure = sum(1 for row in dataset.rows if row.confidence not in (None, "sure"))
    found = [
        "The rows are reports, not a random sample of runs: they say which failures are reported, "
        "not how often runs fail.",
        "One symptom, one root cause and one stage are given to each issue, although some issues "
        "hold several.",
        "Root causes are as the thread tells them; nobody reproduced the failures.",
        "A closed issue is not a resolved one.",
    ]
    if any(row.version or row.architecture for row in dataset.rows):
        found.append(
            "Version and architecture are stated for a whole repository, so an issue there about "
            "another model carries them too."
        )
    if dataset.waiting:
        found.append(unfinished(dataset))
    if threads := dataset.threads:
        found.append(
            f"For {threads.issues:,} of {count(len(dataset.rows), 'row')} the source only counted "
            f"comments ({threads.missing:,} in all) and the study does not have them: these labels "
            "rest on what was there, and how such an issue ended may be missing."
        )
    if not dataset.screening:
        found.append(
            "How many failures the screen missed is not known: no random sample of what it "
            "discarded was read."
        )
    if unsure:
        found.append(
            f"The deciding rater was less than sure of {unsure:,} of {len(dataset.rows):,} rows "
            "(column confidence)."
        )
    if not dataset.text:
        found.append(
            "No text is included: titles and threads have to be looked up at the links, and may "
            "have changed or gone since."
        )
    singles = sum(1 for row in dataset.rows if row.decided_by is DecidedBy.SINGLE)
    if singles:
        found.append(f"One rater alone labelled {count(singles, 'row')}.")
    return found


def uses(dataset: Dataset) -> list[str]:
    """Return what the data set is made for, and what it was used for."""
    used = [f"Used so far: {sentence(dataset.stated.uses)}"] if dataset.stated.uses else []
    return [
        *used,
        "Descriptive statistics of failures by symptom, root cause, stage, series and time.",
        "Training and testing of classifiers of issues, after fetching the texts under the terms "
        "of their platform.",
        *(
            ["Study of how raters agree, since every decision is included."]
            if labelled_twice(dataset)
            else []
        ),
        "Not made for: judging persons or single projects, estimating failure rates of models, "
        "or identifying the authors of issues.",
    ]


def privacy(dataset: Dataset) -> list[str]:
    """Return what is and is not said of persons."""
    found = [
        "Authors of issues are left out altogether, also as pseudonyms. The links remain, and a "
        "link still identifies an author to anybody who follows it.",
        "Within the study, authors are pseudonyms made by a keyed hash; the key is not published.",
        "Raters are pseudonyms (rater-1 and so on), and of the time of a decision only the day "
        "is kept.",
        f"Before anything was stored, {_replaced(dataset)}; {_taken(dataset)}.",
    ]
    if dataset.text:
        report = ", so report what should not be there to the contact" if dataset.contact else ""
        found.append(
            "Titles, quoted lines and raters' notes are included, redacted. Redaction by rules "
            f"misses what no rule knows{report}. Names of persons in prose (a greeting, thanks, a "
            "signature) are not recognized: they stay in what is included."
        )
        found.append(
            "Accounts in raters' notes and reasons, where they stand as @name or in a link to "
            "GitHub, are pseudonyms made by the same keyed hash. Raters' own names in their notes "
            "are not recognized either."
        )
        found.append(
            "Deletions are known from the last full pass of collecting; what was deleted after "
            "it may still be quoted here."
        )
    else:
        found.append(
            "Titles, bodies, comments, quotes and raters' notes are left out. Names of persons in "
            "prose (a greeting, thanks, a signature) are not recognized: they stay in the texts "
            "that the study keeps and that the links lead to."
        )
    if dataset.stated.retention:
        found.append(f"Limits on keeping data on persons: {sentence(dataset.stated.retention)}")
    return [*found, *deletions(dataset)]


def deletions(dataset: Dataset) -> list[str]:
    """Say how many collected issues were deleted since, and what is published of them."""
    if not dataset.deleted:
        return []
    were = "was" if len(dataset.deleted) == 1 else "were"
    return [
        f"{count(len(dataset.deleted), 'collected issue')} {were} no longer found where "
        f"{'it' if len(dataset.deleted) == 1 else 'they'} had been (deleted or moved), of which "
        f"{len(dataset.deleted_rows):,} among the labelled ones. No title, quoted line or note of "
        "such an issue is published, also where texts are. Labels and link stay, so that the "
        "figures stay the same and whoever holds an earlier copy can take its text out: "
        "deleted.json lists them."
    ]


def account_names(dataset: Dataset) -> Mapping[str, int]:
    """Return how many names of accounts became pseudonyms, by where they stood."""
    return {kind: n for kind, n in sorted(dataset.redactions.items()) if kind in NAMES}


def taken_out(dataset: Dataset) -> Mapping[str, int]:
    """Return how many passages the redaction rules took out of the texts, by kind."""
    return {kind: n for kind, n in sorted(dataset.redactions.items()) if kind not in NAMES}


def _replaced(dataset: Dataset) -> str:
    found = account_names(dataset)
    was = "was" if sum(found.values()) == 1 else "were"
    said = count(sum(found.values()), "name of an account", "names of accounts")
    return f"{said} {was} replaced by pseudonyms{_by_kind(found)}"


def _taken(dataset: Dataset) -> str:
    found, rules = taken_out(dataset), f"redaction rules {dataset.versions.redaction}"
    number = sum(found.values())
    if not number:
        return f"{rules} found nothing to take out of the texts (e-mail addresses, secrets)"
    was = "was" if number == 1 else "were"
    return f"{count(number, 'passage')} {was} taken out of the texts by {rules}{_by_kind(found)}"


def _by_kind(found: Mapping[str, int]) -> str:
    kinds = ", ".join(f"{kind} {number:,}" for kind, number in found.items())
    return f" ({kinds})" if kinds else ""


def preprocessing(dataset: Dataset) -> list[str]:
    """Return what was done to the data before labelling."""
    found = [
        f"Texts were redacted before storing (redaction rules {dataset.versions.redaction}).",
        "Issues were screened in steps: by date, by keywords, by raters on title and description, "
        "and by raters on the thread; each exclusion has a reason (funnel.json).",
        duplicates(dataset),
    ]
    if dataset.ecosystem:
        found.append(
            f"Terms that cannot occur in the ecosystem {dataset.ecosystem} were not offered."
        )
    return found


def duplicates(dataset: Dataset) -> str:
    """Say how duplicates were found, and where what raters judged of them stands."""
    said = "Duplicates were grouped and one issue of each group was labelled"
    if not dataset.judgements:
        return f"{said}."
    same = sum(one.same for one in dataset.judgements)
    judged = count(len(dataset.judgements), "judgement")
    return (
        f"{said}; raters made {judged} on two issues ({same:,} that they report the same failure, "
        f"{len(dataset.judgements) - same:,} that they do not), which judgements.jsonl lists."
    )


def manipulation(dataset: Dataset) -> str:
    """Say what publishing changed."""
    return (
        "Nothing was imputed, resampled or balanced. Publishing replaced raters' names by "
        "pseudonyms, kept days instead of times, left authors out"
        + (" and spelled unseen characters out." if dataset.text else " and left texts out.")
    )


def maintenance(dataset: Dataset) -> str:
    """Say how the data set is maintained."""
    stated = f" {sentence(dataset.stated.maintenance)}" if dataset.stated.maintenance else ""
    contact = f" Contact: {dataset.contact}." if dataset.contact else ""
    return (
        f"This is version {dataset.version}, published on {dataset.published}. Versions follow "
        "Semantic Versioning: a major number when labels change, a minor one when rows are "
        "added, a patch for the files' form. Corrections are made in the study, where the "
        "earlier decision stays on record, and published as a new version."
        f"{stated}{contact}"
    )


def social_impact(dataset: Dataset) -> str:
    """Say whom the data set may help and hurt."""
    return also(
        "It shows where people fail before a model does any useful work, so that maintainers can "
        "remove what stops them. It can be misread as a ranking of projects: more reports may "
        "mean more users or a more open tracker. Links lead to public posts of persons, who did "
        "not write them for a study.",
        ("Impact analysis", dataset.stated.impact),
    )


def classes(dataset: Dataset, axis: Axis) -> Mapping[str, int]:
    """Return how many rows each class of an axis has, in codebook order, by label."""
    numbers = Counter(getattr(row, axis.value).split("/")[0] for row in dataset.rows)
    return {term.label: numbers[term.code] for term in dataset.codebook.classes(axis)}


def year(day: date) -> str:
    """Return a day's year, as a citation has it."""
    return f"{day.year:04d}"
