"""Runs the command line in this process, for tests of what it says and does."""

from pathlib import Path

import pytest

from firstmile.ui import cli

REPOSITORY = "octo/engine"
RATERS = '\n[[raters]]\nname = "ada"\n[[raters]]\nname = "ben"\n'
SOURCE = f'\n[[sources]]\nkind = "github"\nrepositories = ["{REPOSITORY}"]\n'
DESIGN = f'[study]\nname = "Ours"\n{SOURCE}{RATERS}\n[screen]\naudit = 10\n[label]\npilot = 3\n'


class Command:
    """Runs the command line in this process; returns its status and what it wrote."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.err = ""

    def __call__(self, *arguments: str | Path) -> tuple[int, str]:
        status = 0
        try:
            cli.main([str(one) for one in arguments])
        except SystemExit as ended:
            status = int(ended.code or 0)
        out, self.err = self._capsys.readouterr()
        return status, out

    def refused(self, *arguments: str | Path) -> str:
        """Run into a mistake and return its one sentence."""
        status, out = self(*arguments)
        assert (status, out) == (2, ""), (out, self.err)
        assert len(self.err.strip().splitlines()) == 1
        return self.err
