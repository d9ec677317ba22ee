"""The data-set card: README.md with the front matter that Hugging Face reads."""

from collections.abc import Iterator
from typing import Final

from firstmile.rendering.cells import cell_text
from firstmile.study.licensing import license_of
from firstmile.study.publishing import labelling, statements
from firstmile.study.publishing.citation import bibtex_lines
from firstmile.study.publishing.columns import DECISIONS, FAILURES, JUDGEMENTS, Column, columns_of
from firstmile.study.publishing.croissant import KEYWORDS
from firstmile.study.publishing.dataset import Dataset
from firstmile.study.publishing.datasheet import not_stated
from firstmile.study.publishing.figures import MOST, figure_rows, funnel_grid
from firstmile.study.publishing.licenses import license_address
from firstmile.study.publishing.plain_text import markdown, table, yaml
from firstmile.study.publishing.records import LAYOUT
from firstmile.taxonomy import Axis

_SIZES: Final = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
)
"""Size classes of the Hub, by the number of rows below which they end."""


def card(dataset: Dataset) -> str:
    """Return the card."""
    lines = [*_front_matter(dataset), *_body(dataset)]
    kept = [line for before, line in zip(["", *lines], lines, strict=False) if before or line]
    return "\n".join(kept)


def _front_matter(dataset: Dataset) -> Iterator[str]:
    rights = license_of(dataset.license)
    size = next((name for most, name in _SIZES if len(dataset.rows) < most), "1M<n<10M")
    yield "---"
    yield f"pretty_name: {yaml(dataset.name)}"
    yield f"license: {rights.hub or 'other'}"
    if not rights.hub:
        yield f"license_name: {yaml(rights.title)}"
        yield f"license_link: {yaml(rights.url or 'LICENSE')}"
    yield "language:"
    yield "  - en"
    yield "task_categories:"
    yield "  - text-classification"
    yield "size_categories:"
    yield f"  - {yaml(size)}"
    yield "tags:"
    yield from (f"  - {yaml(word)}" for word in KEYWORDS)
    yield "configs:"
    yield "  - config_name: failures"
    yield "    default: true"
    yield "    data_files:"
    yield "      - split: train"
    yield "        path: failures.parquet"
    if dataset.decisions:
        yield "  - config_name: decisions"
        yield "    data_files:"
        yield "      - split: train"
        yield "        path: decisions.jsonl"
    if dataset.judgements:
        yield "  - config_name: judgements"
        yield "    data_files:"
        yield "      - split: train"
        yield "        path: judgements.jsonl"
    yield "---"
    yield ""


def _body(dataset: Dataset) -> Iterator[str]:
    rights = license_of(dataset.license)
    yield f"# {markdown(dataset.name)}"
    yield ""
    yield markdown(statements.summary(dataset))
    yield ""
    if open_yet := statements.unfinished(dataset):
        yield f"**{markdown(open_yet)}**"
        yield ""
    yield markdown(
        f"Version {dataset.version}, published on {dataset.published}, made with firstmile "
        f"{dataset.versions.firstmile}. {statements.time_covered(dataset)} "
        f"{statements.time_collected(dataset)}"
    )
    yield ""
    yield from _files(dataset)
    yield from _section("Labels", _labels(dataset))
    yield from _section("From all issues to the labelled ones", _funnel(dataset))
    yield from _section("How it was labelled", _labelling(dataset))
    yield from _section("Columns", _columns(dataset))
    yield from _section("Limits", bullets(statements.limitations(dataset)))
    yield from _section("Biases", bullets(statements.biases(dataset)))
    yield from _section("Use", bullets(statements.uses(dataset)))
    yield from _section("Persons", bullets(statements.privacy(dataset)))
    where = license_address(rights) or "LICENSE"
    yield from _section(
        "License",
        [
            f"Labels, decisions and documentation: {markdown(rights.title)} ({where}). "
            "The issues belong to their authors and are not licensed here; see LICENSE.",
        ],
    )
    if stated := _stated(dataset):
        yield from _section("Funding, payment and ethics", stated)
    yield from _section("Maintenance and contact", [markdown(statements.maintenance(dataset))])
    cited = statements.sentence(dataset.stated.citation)
    yield from _section(
        "How to cite",
        [
            *([markdown(cited), ""] if cited else []),
            "See CITATION.cff, or in BibTeX:",
            "",
            *(f"    {line}" for line in bibtex_lines(dataset)),
        ],
    )
    if missing := not_stated(dataset):
        yield from _section("Not stated", [markdown(f"{statements.listing(missing)}.")])


def _stated(dataset: Dataset) -> list[str]:
    said = dataset.stated
    answers = (
        ("Funding", said.funding),
        ("Raters", said.raters),
        ("Payment of the raters", said.payment),
        ("Ethical review", said.ethics),
        ("Notice and consent", said.consent),
    )
    return bullets([f"{name}: {statements.sentence(w)}" for name, w in answers if w.strip()])


def _section(heading: str, lines: Iterator[str] | list[str]) -> Iterator[str]:
    yield f"## {heading}"
    yield ""
    yield from lines
    yield ""


def bullets(sentences: list[str]) -> list[str]:
    """Return sentences as the lines of a list."""
    return [f"- {markdown(sentence)}" for sentence in sentences]


def _files(dataset: Dataset) -> Iterator[str]:
    yield "## Files"
    yield ""
    yield from table(
        ("file", "what"),
        [
            ("failures.jsonl, failures.parquet", "the labelled failures, one a row"),
            ("decisions.jsonl", "every decision of every rater, as recorded"),
            ("judgements.jsonl", "every judgement of two issues, whether they are duplicates"),
            (
                f"{LAYOUT}/",
                "the same failures in the layout of Open-LLM-Failures, which has no dates",
            ),
            ("funnel.json, funnel.csv", "what left at which step, and why"),
            ("deleted.json", "issues of the tables that were deleted since, without their text"),
            ("agreement.json", "how far the raters agree"),
            ("CODEBOOK.md, codebook.json", "the terms, with boundary rules"),
            ("design.json", "the study's design"),
            ("croissant.json", "Croissant 1.1 metadata with responsible-AI fields"),
            ("DATASHEET.md, PRIVACY.md, LICENSE, CITATION.cff", "documentation"),
            ("study.toml", "lets `firstmile study report` read this folder"),
            ("publication.json, SHA256SUMS", "what this is, and checksums (sha256sum -c)"),
        ],
    )
    yield ""


def _labels(dataset: Dataset) -> Iterator[str]:
    words = {Axis.SYMPTOM: "symptom", Axis.CAUSE: "root cause", Axis.STAGE: "stage"}
    for axis in Axis:
        rows = [(markdown(name), n) for name, n in statements.classes(dataset, axis).items()]
        yield from table((words[axis], "rows"), rows)
        yield ""
    yield "Finer terms are in the data; CODEBOOK.md defines all of them."


def _funnel(dataset: Dataset) -> Iterator[str]:
    if not dataset.funnel:
        yield statements.NOT_KNOWN
        return
    grid = funnel_grid(dataset.funnel)
    yield from table(
        grid.header,
        [
            [
                "" if value is None else markdown(cell_text(grid, row, column))
                for column, value in enumerate(values)
            ]
            for row, values in enumerate(grid.rows)
        ],
    )
    yield ""
    yield from bullets([*statements.preprocessing(dataset), *statements.deletions(dataset)])
    yield from bullets([*dataset.screening_said])
    if rows := figure_rows(dataset.screening):
        yield ""
        yield from _nested(rows, "funnel.json")


def _labelling(dataset: Dataset) -> Iterator[str]:
    yield markdown(labelling.protocol(dataset))
    yield ""
    yield markdown(f"{labelling.labels_an_issue(dataset)} {statements.suggestions(dataset)}")
    yield ""
    yield markdown(labelling.agreement(dataset))
    if dataset.decisions and not statements.labelled_twice(dataset):
        return
    if dataset.agreement_said:
        yield ""
        yield from bullets([*dataset.agreement_said])
    if rows := figure_rows(dataset.agreement):
        yield ""
        yield from _nested(rows, "agreement.json")


def _nested(rows: list[tuple[str, str]], file: str) -> Iterator[str]:
    shown = [(markdown(of), markdown(said)) for of, said in rows[:MOST]]
    yield from table(("of", "figures"), shown)
    if len(rows) > MOST:
        yield ""
        yield f"{len(rows) - MOST:,} more rows are in {file}."


def _columns(dataset: Dataset) -> Iterator[str]:
    tables = (
        ("failures", FAILURES, True),
        ("decisions", DECISIONS, bool(dataset.decisions)),
        ("judgements", JUDGEMENTS, bool(dataset.judgements)),
    )
    for file, columns, filled in tables:
        if filled:
            yield f"### {file}"
            yield ""
            yield from table(("column", "holds", "meaning"), _meanings(dataset, columns))
            yield ""


def _meanings(dataset: Dataset, columns: tuple[Column, ...]) -> list[tuple[str, str, str]]:
    return [
        (
            f"`{column.name}`",
            column.kind.value + ("" if column.always else " or null"),
            column.meaning,
        )
        for column in columns_of(columns, text=dataset.text)
    ]
