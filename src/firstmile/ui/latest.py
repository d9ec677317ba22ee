"""The latest diagnosis, kept for the user alone so that it can be opened again."""

import contextlib
import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from firstmile.errors import UserError

LARGEST: Final = 4_000_000
"""Bytes of a kept diagnosis that are read."""
LONGEST_SOURCE: Final = 120
"""Characters that are kept of what a diagnosis is of."""


def keep_latest(data: Mapping[str, Any], *, source: str = "a text") -> None:
    """Keep a diagnosis, redacted, with what it is of and the time.

    A full disk or a home that is none costs nothing but that.
    """
    from firstmile.redaction import redact
    from firstmile.rendering.files import write_whole
    from firstmile.rendering.wrapping import shortened

    def without_secrets(value: Any) -> Any:
        if isinstance(value, str):
            return redact(value).text
        if isinstance(value, list):
            return [without_secrets(one) for one in value]
        if isinstance(value, dict):
            return {key: without_secrets(one) for key, one in value.items()}
        return value

    file = _file()
    with contextlib.suppress(OSError, UserError):
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.parent.chmod(0o700)
        kept = {**data, "evidence": without_secrets(data["evidence"])}
        kept |= {key: without_secrets(data[key]) for key in ("symptoms", "causes", "stages")}
        kept |= {"classes": without_secrets(data["classes"])}
        kept |= {"entries": without_secrets(data["entries"])}
        named = shortened(" ".join(redact(source).text.split()), LONGEST_SOURCE)
        now = datetime.now().astimezone()
        kept |= {"kept": {"source": named, "at": f"{now:%Y-%m-%d %H:%M}"}}
        write_whole(file, json.dumps(kept, ensure_ascii=False))


def read_latest() -> dict[str, Any]:
    """Return the latest diagnosis. Raises UserError where there is none that can be read."""
    file = _file()
    try:
        with file.open("rb") as opened:
            data = json.loads(opened.read(LARGEST))
        if isinstance(data, dict) and {"symptoms", "causes", "stages"} <= data.keys():
            return _with_sound_source(data)
    except (OSError, ValueError, RecursionError):
        pass
    raise UserError("There is no earlier diagnosis: run firstmile diagnose LOG first.")


def _with_sound_source(data: dict[str, Any]) -> dict[str, Any]:
    """Leave out what does not say, as two texts, what a diagnosis is of and from when."""
    kept = data.get("kept")
    named = isinstance(kept, dict) and {"source", "at"} <= kept.keys()
    return data if named or kept is None else {**data, "kept": None}


def _file() -> Path:
    from firstmile.ui.places import report_folder

    return report_folder(os.environ).parent / "latest-diagnosis.json"
