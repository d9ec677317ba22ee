"""Publish a study: every file of the folder, made in memory and written in one go."""

import dataclasses
import math
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from firstmile.errors import UserError
from firstmile.rendering.tables import csv_text
from firstmile.study.publishing.card import card
from firstmile.study.publishing.citation import citation_file
from firstmile.study.publishing.croissant import croissant
from firstmile.study.publishing.dataset import DELETED, Dataset
from firstmile.study.publishing.datasheet import datasheet
from firstmile.study.publishing.documents import (
    codebook_data,
    codebook_page,
    license_note,
    privacy_page,
)
from firstmile.study.publishing.figures import funnel_data, funnel_grid
from firstmile.study.publishing.manifest import MANIFEST, changed_files, manifest_text
from firstmile.study.publishing.plain_text import json_text
from firstmile.study.publishing.records import record_files
from firstmile.study.publishing.replacing import (
    FORMAT,
    MARKER,
    publication,
    refuse_foreign,
    refuse_same_version,
    write_folder,
)
from firstmile.study.screening.reasons import REASONS


def publish(dataset: Dataset, out: Path, *, replace: bool = False) -> Path:
    """Write a data set with its documentation into a folder and return it.

    The same data set gives the same bytes. An earlier version of it is replaced, whole or not at
    all; where this very version is there and nothing but the day would change, it stays as it is.
    Raises UserError where `out` holds anything else, cannot be written, or where a secret would
    be published; and unless `replace` is given, where it holds this or a later version with other
    content, another data set, or files that were changed.
    """
    refuse_foreign(out)
    files = published_files(dataset)
    if not replace:
        if _stands(dataset, out):
            return out
        refuse_same_version(out, name=dataset.name, version=dataset.version)
    return write_folder(out, files)


def _stands(dataset: Dataset, out: Path) -> bool:
    """Whether a folder holds a data set as it would be written, but for the day."""
    said = publication(out)
    try:
        day = date.fromisoformat(str(said.get("published")))
        there = (out / MANIFEST).read_bytes()
    except (OSError, ValueError):
        return False
    if said.get("version") != dataset.version or changed_files(out):
        return False
    return published_files(dataclasses.replace(dataset, published=day))[MANIFEST] == there


def published_files(dataset: Dataset) -> dict[str, bytes]:
    """Return every file of the folder by name; raises UserError where a secret is in one."""
    files = record_files(dataset)
    texts = {
        "README.md": card(dataset),
        "DATASHEET.md": datasheet(dataset),
        "CODEBOOK.md": codebook_page(dataset.codebook),
        "PRIVACY.md": privacy_page(dataset),
        "LICENSE": license_note(dataset),
        "CITATION.cff": citation_file(dataset),
        "funnel.csv": csv_text(funnel_grid(dataset.funnel)),
    }
    data = {
        "codebook.json": codebook_data(dataset.codebook),
        "funnel.json": {
            "steps": funnel_data(dataset.funnel),
            "reasons": [
                {"id": one.id, "label": one.label, "definition": one.definition} for one in REASONS
            ],
            "screening": dict(dataset.screening),
            "repositories": dict(dataset.repositories),
            "deleted": {
                "collected": len(dataset.deleted),
                "labelled": len(dataset.deleted_rows),
            },
        },
        DELETED: {"issues": list(dataset.deleted_named)},
        "agreement.json": dict(dataset.agreement),
        "design.json": dict(dataset.design),
        MARKER: _publication(dataset),
    }
    files |= {name: text.encode() for name, text in texts.items()}
    files |= {name: _json(value) for name, value in data.items()}
    files["croissant.json"] = _json(croissant(dataset, files))
    files[MANIFEST] = manifest_text(files).encode()
    _refuse_secrets(files, dataset.secrets)
    return files


def _publication(dataset: Dataset) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "name": dataset.name,
        "version": dataset.version,
        "published": dataset.published.isoformat(),
        "collected": [day.isoformat() for day in dataset.collected or ()],
        "license": dataset.license,
        "url": dataset.url,
        "authors": list(dataset.authors),
        "contact": dataset.contact,
        "ecosystem": dataset.ecosystem,
        "datasheet": dict(dataset.stated.given()),
        "text": dataset.text,
        "rows": len(dataset.rows),
        "decisions": len(dataset.decisions),
        "judgements": len(dataset.judgements),
        "waiting": dict(dataset.waiting),
        "missing_comments": {
            "issues": dataset.threads.issues if dataset.threads else 0,
            "comments": dataset.threads.missing if dataset.threads else 0,
        },
        "raters": [
            {
                "name": rater.name,
                "kind": rater.kind,
                "model": rater.model,
                "steps": [step.value for step in rater.steps],
            }
            for rater in dataset.raters
        ],
        "redactions": dict(sorted(dataset.redactions.items())),
        "versions": {
            "firstmile": dataset.versions.firstmile,
            "codebook": dataset.versions.codebook,
            "redaction": dataset.versions.redaction,
        },
    }


def _json(value: Any) -> bytes:
    return (json_text(_finite(value), indent=2) + "\n").encode()


def _finite(value: Any) -> Any:
    """Return plain data in which what is no number is null, as JSON has none."""
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _refuse_secrets(files: dict[str, bytes], secrets: tuple[str, ...]) -> None:
    for secret in filter(None, secrets):
        for name, data in files.items():
            if secret.encode() in data:
                raise UserError(
                    f"{name} would hold the study's key or a rater's token: take it out of the "
                    "study.toml, labels or notes; nothing was published."
                )
