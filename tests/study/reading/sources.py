"""Sources to read: records in the published layout, and what reads or refuses them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from firstmile.errors import UserError
from firstmile.study.reading import Reading, read_source
from firstmile.study.reading.network import NetworkPolicy

Row = dict[str, Any]


def published_row(number: int = 1, /, **changes: Any) -> Row:
    """Return a record in the published layout; a change to None takes the field out."""
    row = {
        "number": number,
        "link": f"https://github.com/example/Qwen-demo/issues/{number + 100}",
        "status": "open",
        "SYMPTOM": "Crash - CUDA Error - Out of Memory",
        "ROOT CAUSE": "Hardware and Resource Limitations - GPU Memory Insufficiency",
        "STAGE": "Inference",
        "model": "Qwen-demo",
        "architecture": "Dense",
    } | {name.replace("_", " "): value for name, value in changes.items()}
    return {name: value for name, value in row.items() if value is not None}


GOOD: Row = {"symptom": "hang", "cause": "api", "stage": "inference"}
"""A record in the layout of columns, with nothing wrong."""


BODY = json.dumps([published_row(1), published_row(2)]).encode()
"""Two records, as a site sends them."""


def write_folder(folder: Path, **files: Sequence[Any]) -> Path:
    """Write JSON lists, `__` in a name being a folder, and return the folder."""
    for name, rows in files.items():
        path = folder / f"{name.replace('__', '/')}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(rows), encoding="utf-8")
    return folder


@dataclass
class Refusal:
    """Reads a source that must be refused, and returns the one sentence."""

    options: dict[str, Any] = field(default_factory=dict)

    def __call__(self, source: object, **options: Any) -> str:
        with pytest.raises(UserError) as caught:
            read_source(str(source), **(self.options | options))
        sentence = str(caught.value)
        assert sentence.isprintable(), "a control character reached the sentence"
        assert sentence.endswith("."), sentence
        assert "Traceback" not in sentence
        return sentence


def read(url: str, policy: NetworkPolicy, cache: Path, **options: Any) -> Reading:
    """Read what a site sends, as the policy allows, by way of a cache."""
    return read_source(url, network=policy, cache=cache, **options)
