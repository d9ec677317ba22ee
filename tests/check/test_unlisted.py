"""What a command names in its model's folder is held against the list that a snapshot has of it."""

from pathlib import Path

import pytest

from firstmile.check.checkup import Checkup
from firstmile.check.examining import check
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer
from firstmile.check.unlisted import unlisted
from firstmile.check.worlds import LLAMA, file, folder, world
from firstmile.facts.environment import NotKnown
from firstmile.facts.saving import snapshot_text

CHECK = "file-that-the-command-names-is-not-there"
MODEL = folder(
    config=LLAMA, files=[file("lora/adapter_config.json"), file("linked", kind="special")]
)


def on_another_machine(at: Path, command: str) -> Checkup:
    """Return what is said of a command by a snapshot of a model and a machine."""
    saved = at / "s.json"
    saved.write_text(snapshot_text(world(MODEL, computer())), encoding="utf-8")
    return check(command=command, snapshots=[saved], only=[CHECK])


@pytest.mark.parametrize("named", ["a=./model/lost", "./model/lora2", "model/lora/deeper"])
def test_an_adapter_that_the_listed_folder_lacks_is_told(tmp_path: Path, named: str) -> None:
    command = f"vllm serve ./model --enable-lora --lora-modules {named}"
    (found,) = on_another_machine(tmp_path, command).findings
    assert found.outcome.value == "fail"
    assert "which is not in the model's folder" in found.message


@pytest.mark.parametrize(
    "named",
    ["a=./model/lora", "./elsewhere", "owner/name", "./model/linked/lora", "./model/.cache/lora"],
)
def test_what_is_listed_or_lies_elsewhere_is_not_said_to_be_missing(
    tmp_path: Path, named: str
) -> None:
    command = f"vllm serve ./model --enable-lora --lora-modules {named}"
    assert on_another_machine(tmp_path, command).exit_status != 1


def test_a_tokenizer_and_a_template_in_the_folder_are_looked_for_too(tmp_path: Path) -> None:
    command = "vllm serve ./model --tokenizer ./model/tok --chat-template ./model/chat.jinja"
    found = on_another_machine(tmp_path, command).findings
    assert [each.outcome.value for each in found] == ["fail", "fail"]


def test_a_list_that_is_not_whole_lacks_nothing() -> None:
    intent = Intent(model="./model", adapters=("./model/lost",))
    assert unlisted(world(MODEL), intent) == ("./model/lost",)
    cut = folder(config=LLAMA, not_known=(NotKnown(what="files", reason="too many"),))
    assert unlisted(world(cut), intent) == ()
    assert unlisted(world(), intent) == ()
