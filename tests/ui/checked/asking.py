"""What tests of `firstmile check` ask, and what is read out of its JSON."""

import json
from pathlib import Path
from typing import Any

from ui.command_line import Command

TOO_LONG = "context-is-longer-than-the-positions"


def serve(model: Path | str, *more: str) -> list[str]:
    return ["--", "vllm", "serve", str(model), *more]


def told(command: Command, *arguments: str | Path) -> tuple[int, dict[str, Any]]:
    status, out = command("check", "--format", "json", *arguments)
    assert command.err == ""
    return status, json.loads(out)


def found(data: dict[str, Any], check: str) -> dict[str, Any]:
    return next(one for one in data["findings"] if one["check"] == check)


def accept(more: str) -> None:
    """Write a suppression into the working folder."""
    Path("firstmile.toml").write_text(
        f'[[check.suppress]]\nid = "{TOO_LONG}"\n{more}\n', encoding="utf-8"
    )
