"""Files that may not be opened are told apart from what is no plain file."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from firstmile.check.intent import Intent
from firstmile.check.running import judge_one
from firstmile.check.unit import load_check
from firstmile.facts.model_folder.reading import read_model_folder
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Finding
from obeying_modes import obey_modes

_LIST = """
import sys
from pathlib import Path
from firstmile.facts.model_folder.listed_files import list_files
from firstmile.facts.model_folder.source import Source
print(*(f"{one.path}={one.kind}" for one in list_files(Source(Path(sys.argv[1])))))
"""


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux has the prctl that takes rights from root"
)
def test_a_file_without_the_right_to_read_it_is_no_pipe(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "config.json").chmod(0)
    os.mkfifo(tmp_path / "tokenizer.json")
    done = subprocess.run(
        [sys.executable, "-c", _LIST, str(tmp_path)],
        preexec_fn=obey_modes,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["config.json=unreadable", "tokenizer.json=special"]


def test_a_pipe_is_to_be_fetched_again_and_not_to_be_made_readable(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "model.safetensors")
    (tmp_path / "config.json").symlink_to("/dev/null")
    (tmp_path / "tokenizer.json").write_text("{}")
    check = load_check("link-of-the-folder-leads-nowhere")
    assert check is not None
    found: tuple[Finding, ...] = judge_one(
        check, Snapshot(model=read_model_folder(tmp_path)), Intent()
    )
    (told,) = found
    assert told.message.startswith("2 files are no plain files")
    assert "hf download" in (told.remedy or "")
    assert "chmod" not in (told.remedy or "")
