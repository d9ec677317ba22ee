"""The documents of a data set, as they are written."""

from typing import Any

from firstmile.study.publishing import published_files
from publishing.samples import dataset


def documents(**changes: Any) -> dict[str, str]:
    """Return the text of every file but the tables, some facts of the data set changed."""
    files = published_files(dataset(**changes))
    return {name: data.decode() for name, data in files.items() if not name.endswith(".parquet")}


def section(page: str, heading: str) -> str:
    """Return a section of a page on one line."""
    return " ".join(page.split(f"## {heading}\n")[1].split("\n## ")[0].split())
