"""The datasheet: the questions of Gebru et al. (Datasheets for Datasets, CACM 64(12), 2021).

The questions stand in short words of ours, in the paper's order and groups.
"""

from collections.abc import Sequence
from typing import Final

from firstmile.study.design import is_placeholder
from firstmile.study.licensing import license_of
from firstmile.study.publishing import labelling, statements
from firstmile.study.publishing.dataset import Dataset
from firstmile.study.publishing.licenses import license_address
from firstmile.study.publishing.plain_text import address, markdown


class Written(str):
    """An answer that is Markdown already."""

    __slots__ = ()


Answer = str | Sequence[str]
Group = tuple[str, tuple[tuple[str, Answer], ...]]

NOT_STATED: Final = ""
"""An answer that only those who run the study could give, and did not."""


def datasheet(dataset: Dataset) -> str:
    """Return the datasheet; what nobody stated is listed at its end, and nowhere else."""
    lines = [
        f"# Datasheet: {markdown(dataset.name)}",
        "",
        "After Gebru et al., Datasheets for Datasets, Communications of the ACM 64(12), 2021. "
        "What only those who run the study could say and did not stands under Not stated.",
        "",
    ]
    for heading, questions in _groups(dataset):
        lines += [f"## {heading}", ""]
        if all(answer == NOT_STATED for _question, answer in questions):
            lines += ["Nothing of this is stated.", ""]
        for question, answer in questions:
            if answer == NOT_STATED:
                continue
            lines += [f"### {question}", ""]
            if isinstance(answer, Written):
                lines += [answer, ""]
            elif isinstance(answer, str):
                lines += [markdown(answer), ""]
            else:
                lines += [*(f"- {markdown(one)}" for one in answer), ""]
    if missing := not_stated(dataset):
        lines += ["## Not stated", "", *(f"- {markdown(question)}" for question in missing), ""]
    return "\n".join(lines)


def not_stated(dataset: Dataset) -> list[str]:
    """Return the questions that only those who run the study could answer, and did not."""
    title = ["Title of its own"] if is_placeholder(dataset.name) else []
    return title + [
        question
        for _heading, questions in _groups(dataset)
        for question, answer in questions
        if answer == NOT_STATED
    ]


def _groups(dataset: Dataset) -> tuple[Group, ...]:
    return (
        _motivation(dataset),
        _composition(dataset),
        _collection(dataset),
        _preparation(dataset),
        _uses(dataset),
        _distribution(dataset),
        _maintenance(dataset),
    )


def _motivation(dataset: Dataset) -> Group:
    return (
        "Motivation",
        (
            ("Purpose", statements.sentence(dataset.question)),
            (
                "Creators",
                f"{statements.listing(list(dataset.authors))}." if dataset.authors else NOT_STATED,
            ),
            ("Funding", statements.sentence(dataset.stated.funding)),
        ),
    )


def _composition(dataset: Dataset) -> Group:
    repositories = len(dataset.labelled_from)
    return (
        "Composition",
        (
            ("What an instance is", "A failure that a user reported as an issue."),
            (
                "How many instances",
                f"{statements.count(len(dataset.rows), 'row')} from "
                f"{statements.count(repositories, 'repository', 'repositories')}.",
            ),
            (
                "Sample or all",
                "All issues that passed the funnel, not a random sample; funnel.json says what "
                "left at each step.",
            ),
            (
                "What an instance holds",
                "A link, the repository, dates and labels"
                + (", with title and the deciding line." if dataset.text else "; no text."),
            ),
            ("Labels", labelling.protocol(dataset)),
            (
                "Missing information",
                "What is not known is null; croissant.json counts it by column.",
            ),
            (
                "Relations between instances",
                statements.duplicates(dataset),
            ),
            ("Recommended splits", "None. A split by time or by repository avoids near copies."),
            (
                "Errors and noise",
                [
                    labelling.agreement(dataset),
                    *statements.limitations(dataset),
                ],
            ),
            (
                "Self-contained or linked",
                "Labels and decisions are self-contained. The texts are at the links, which "
                "others may change or remove; no archive of them is published here.",
            ),
            (
                "Confidential content",
                "None on purpose: the issues are public. Secrets were taken out before storing.",
            ),
            (
                "Offensive content",
                "No text is included."
                if not dataset.text
                else "Not known: titles and quotes were not checked for it.",
            ),
            ("Persons", statements.privacy(dataset)),
            ("Groups of persons", "None are identified; nothing is known of the authors."),
        ),
    )


def _collection(dataset: Dataset) -> Group:
    return (
        "Collection",
        (
            ("How the data were acquired", statements.collection(dataset)),
            (
                "Mechanisms",
                f"firstmile {dataset.versions.firstmile}; the sources are in design.json.",
            ),
            (
                "Sampling",
                "No sampling of issues for labelling"
                + (
                    "; the audit of what was discarded is a random sample."
                    if dataset.screening
                    else "."
                ),
            ),
            ("Who took part", labelling.raters(dataset)),
            ("Who the raters are", statements.sentence(dataset.stated.raters)),
            ("Payment of those who took part", statements.sentence(dataset.stated.payment)),
            (
                "Time frame",
                f"{statements.time_collected(dataset)} {statements.time_covered(dataset)}",
            ),
            ("Ethical review", statements.sentence(dataset.stated.ethics)),
            ("Notice and consent", statements.sentence(dataset.stated.consent)),
            ("Withdrawing consent", _contact(dataset, "An issue is taken out on request.")),
            ("Impact analysis", statements.sentence(dataset.stated.impact)),
        ),
    )


def _preparation(dataset: Dataset) -> Group:
    return (
        "Preparation and labelling",
        (
            ("What was done", statements.preprocessing(dataset)),
            (
                "Raw data",
                "The redacted issues stay in the study's archive, which is not published.",
            ),
            (
                "Software",
                f"firstmile {dataset.versions.firstmile}, codebook {dataset.versions.codebook}, "
                f"redaction rules {dataset.versions.redaction}.",
            ),
        ),
    )


def _uses(dataset: Dataset) -> Group:
    return (
        "Uses",
        (
            ("Uses so far", statements.sentence(dataset.stated.uses)),
            ("Where uses are listed", statements.sentence(dataset.stated.uses_listed)),
            ("What it can be used for", statements.uses(dataset)),
            ("What may affect uses", statements.biases(dataset)),
            (
                "What it must not be used for",
                "Judging persons or single projects, estimating failure rates of models, or "
                "identifying the authors of issues.",
            ),
        ),
    )


def _distribution(dataset: Dataset) -> Group:
    rights = license_of(dataset.license)
    where = f" ({found})" if (found := license_address(rights)) else ""
    return (
        "Distribution",
        (
            ("To whom", "Whoever has this folder."),
            ("How it is distributed", Written(address(dataset.url)) if dataset.url else NOT_STATED),
            ("When it was published", f"{dataset.published} (version {dataset.version})."),
            (
                "License",
                Written(f"{markdown(rights.title)}{where}.") if dataset.license else NOT_STATED,
            ),
            (
                "Rights of others",
                "The issues belong to their authors, under the terms of the platform they were "
                "written on.",
            ),
            ("Export controls", statements.sentence(dataset.stated.export_controls)),
        ),
    )


def _maintenance(dataset: Dataset) -> Group:
    return (
        "Maintenance",
        (
            ("Who maintains it", _contact(dataset, "")),
            ("Erratum", "Corrections come as a new version; decisions.jsonl shows what changed."),
            ("Updates", statements.maintenance(dataset)),
            (
                "Limits on keeping data about persons",
                statements.sentence(dataset.stated.retention),
            ),
            ("Older versions", statements.sentence(dataset.stated.older_versions)),
            (
                "How others can extend it",
                "With the codebook, design.json and firstmile, a study can be repeated or "
                "continued.",
            ),
        ),
    )


def _contact(dataset: Dataset, before: str) -> str:
    return f"{before} Contact: {dataset.contact}.".strip() if dataset.contact else NOT_STATED
