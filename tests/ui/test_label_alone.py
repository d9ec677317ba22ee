"""`firstmile study label` without a model serves the pages and says where they are."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from firstmile.ui import cli

from .web import studies


def test_label_alone_serves_the_pages_and_says_each_raters_address(tmp_path: Path) -> None:
    import httpx

    folder = studies.make(tmp_path / "study", studies.REPORTS[:2])
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "firstmile", "study", "label", str(folder.path), "--port=0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said = ""
    try:
        while "Ctrl-C" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        link = re.search(r"ada\s+(http://127\.0\.0\.1:\d+/enter\S+)", said)
        assert link is not None, said
        assert httpx.get(link[1]).status_code == 303
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert "People label on the pages of `firstmile serve`" in said


def test_a_plan_needs_a_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["study", "label", str(tmp_path), "--plan"])
    assert ended.value.code == 2
    assert "name it with --rater" in capsys.readouterr().err
