"""The datasheet: the questions of Gebru et al. (Datasheets for Datasets, CACM 64(12), 2021).

The questions stand in short words of ours, in the paper's order and groups.
"""

from collections.abc import Sequence
from typing import Final

from firstmile.study.publishing import statements
from firstmile.study.publishing.dataset import Dataset
from firstmile.study.publishing.licenses import license_address, license_of
from firstmile.study.publishing.plain_text import address, markdown


class Written(str):
    """An answer that is Markdown already."""

    __slots__ = ()


Answer = str | Sequence[str]
Group = tuple[str, tuple[tuple[str, Answer], ...]]

_NOT_KNOWN: Final = statements.NOT_KNOWN


def datasheet(dataset: Dataset) -> str:
    """Return the datasheet; a question that the study cannot answer says so."""
    lines = [
        f"# Datasheet: {markdown(dataset.name)}",
        "",
        "After Gebru et al., Datasheets for Datasets, Communications of the ACM 64(12), 2021. "
        "What the study does not know is said to be not known.",
        "",
    ]
    groups = (
        _motivation(dataset),
        _composition(dataset),
        _collection(dataset),
        _preparation(dataset),
        _uses(dataset),
        _distribution(dataset),
        _maintenance(dataset),
    )
    for heading, questions in groups:
        lines += [f"## {heading}", ""]
        for question, answer in questions:
            lines += [f"### {question}", ""]
            if isinstance(answer, Written):
                lines += [answer, ""]
            elif isinstance(answer, str):
                lines += [markdown(answer), ""]
            else:
                lines += [*(f"- {markdown(one)}" for one in answer), ""]
    return "\n".join(lines)


def _motivation(dataset: Dataset) -> Group:
    return (
        "Motivation",
        (
            ("Purpose", dataset.question or _NOT_KNOWN),
            (
                "Creators",
                f"{statements.listing(list(dataset.authors))}." if dataset.authors else _NOT_KNOWN,
            ),
            ("Funding", _NOT_KNOWN),
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
            ("Labels", statements.protocol(dataset)),
            (
                "Missing information",
                "What is not known is null; croissant.json counts it by column.",
            ),
            (
                "Relations between instances",
                "Duplicates form groups, of which one issue is labelled.",
            ),
            ("Recommended splits", "None. A split by time or by repository avoids near copies."),
            (
                "Errors and noise",
                [
                    statements.agreement(dataset),
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
            ("Groups of persons", "None are identified; demographics are not known."),
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
                "No sampling of issues for labelling; the audit of what was discarded is a "
                "random sample.",
            ),
            ("Who took part", statements.raters(dataset)),
            ("Payment of those who took part", _NOT_KNOWN),
            (
                "Time frame",
                f"{statements.time_collected(dataset)} {statements.time_covered(dataset)}",
            ),
            ("Ethical review", _NOT_KNOWN),
            ("Notice and consent", "The authors of the issues were neither told nor asked."),
            ("Withdrawing consent", _contact(dataset, "An issue is taken out on request.")),
            ("Impact analysis", _NOT_KNOWN),
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
            ("Uses so far", _NOT_KNOWN),
            ("Where uses are listed", _NOT_KNOWN),
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
            ("How", Written(address(dataset.url) if dataset.url else "No address is stated yet.")),
            ("When", f"{dataset.published} (version {dataset.version})."),
            ("License", Written(f"{markdown(rights.title)}{where}.")),
            (
                "Rights of others",
                "The issues belong to their authors, under the terms of the platform they were "
                "written on.",
            ),
            ("Export controls", _NOT_KNOWN),
        ),
    )


def _maintenance(dataset: Dataset) -> Group:
    return (
        "Maintenance",
        (
            ("Who maintains it", _contact(dataset, "")),
            ("Erratum", "Corrections come as a new version; decisions.jsonl shows what changed."),
            ("Updates", statements.maintenance(dataset)),
            ("Limits on keeping data about persons", _NOT_KNOWN),
            ("Older versions", _NOT_KNOWN),
            (
                "How others can extend it",
                "With the codebook, design.json and firstmile, a study can be repeated or "
                "continued.",
            ),
        ),
    )


def _contact(dataset: Dataset, before: str) -> str:
    said = f"Contact: {dataset.contact}." if dataset.contact else "No contact is stated."
    return f"{before} {said}".strip()
