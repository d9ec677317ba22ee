"""The codebook in a report: which it was, its terms, and who works on its causes."""

from collections.abc import Sequence

from firstmile.rendering.document import Grid, Section
from firstmile.taxonomy import Axis, Taxonomy, Term
from firstmile.taxonomy.industry import load_initiatives


def codebook_fact(taxonomy: Taxonomy) -> str:
    """Return which codebook was used, for the head of a report."""
    origin = taxonomy.origin
    if origin is None:
        return taxonomy.version
    return f"{origin.name}, version {taxonomy.version} (SHA-256 {origin.sha256[:12]}…)"


def codebook_section(taxonomy: Taxonomy) -> Section:
    """Lay out every term, and say which codebook it is."""
    grids = []
    for axis in Axis:
        terms = taxonomy.of(axis)
        grids.append(
            Grid(
                id=f"codebook-{axis.value}",
                caption=f"Codebook: {axis.value} terms",
                header=("Code", "Label", "Definition", "Example"),
                rows=tuple((t.code, t.label, t.definition, t.example.line) for t in terms),
                links={(row, 3): t.example.url for row, t in enumerate(terms)},
            )
            if taxonomy.origin is None
            else _own_terms_grid(axis, terms)
        )
    explained = (
        " The command firstmile explain CODE shows a term with its boundary rules."
        if taxonomy.origin is None
        else ""
    )
    return Section(
        id="codebook",
        heading="Codebook",
        question="What does each label mean?",
        sentences=(
            f"Version {taxonomy.version}: {len(taxonomy.leaves(Axis.SYMPTOM))} symptoms, "
            f"{len(taxonomy.leaves(Axis.CAUSE))} root causes and "
            f"{len(taxonomy.leaves(Axis.STAGE))} stages at the finest level.{explained}",
            *_own_codebook(taxonomy),
        ),
        grids=tuple(grids),
    )


def _own_codebook(taxonomy: Taxonomy) -> tuple[str, ...]:
    """Say whose codebook was used where it is not the one that comes along."""
    origin = taxonomy.origin
    if origin is None:
        return ()
    return (
        f"These failures are labelled by {origin.name}, version {taxonomy.version}, and not by "
        f"the one that comes with firstmile. It was read from {origin.file}; its SHA-256 is "
        f"{origin.sha256}. Claims are judged only where it has the terms that they name.",
    )


def _own_terms_grid(axis: Axis, terms: Sequence[Term]) -> Grid:
    """Lay terms out with their boundary rules: no command of firstmile shows them."""
    return Grid(
        id=f"codebook-{axis.value}",
        caption=f"Codebook: {axis.value} terms",
        header=("Code", "Label", "Definition", "Boundary rules"),
        rows=tuple(
            (
                t.code,
                t.label,
                t.definition,
                " ".join(f"Against {rule.against}: {rule.rule}" for rule in t.boundary),
            )
            for t in terms
        ),
    )


def initiatives_sections(taxonomy: Taxonomy) -> tuple[Section, ...]:
    """Lay out who works on the causes that the codebook has; nothing where it has none of them."""
    causes = [term.code for term in taxonomy.classes(Axis.CAUSE)]
    known = [row for row in load_initiatives() if row.cause in causes]
    parts = []
    for row in sorted(known, key=lambda r: causes.index(r.cause)):
        parts.append(
            Section(
                id=f"initiatives-{row.cause}",
                heading=taxonomy.term(row.cause).name,
                sentences=(row.summary,),
                grids=(
                    Grid(
                        id=f"initiatives-{row.cause}",
                        caption=f"Initiatives against {taxonomy.term(row.cause).name.lower()}",
                        header=("Initiative", "Kind", "What it covers", "What stays open"),
                        rows=tuple(
                            (i.name, i.kind, i.covers, i.leaves_open) for i in row.initiatives
                        ),
                        links={(at, 0): i.url for at, i in enumerate(row.initiatives)},
                    ),
                ),
                notes=tuple(f"Open: {gap}" for gap in row.open),
                folded=f"{len(row.initiatives)} initiatives, and what stays open",
            )
        )
    if not parts:
        return ()
    return (
        Section(
            id="initiatives",
            heading="Industry initiatives",
            question="Who works on each cause, and what stays open?",
            sections=tuple(parts),
        ),
    )
