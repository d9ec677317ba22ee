"""An environment is collected part by part; what cannot be read is said, with the reason."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from firstmile.errors import UserError
from firstmile.facts.collecting import collect_environment
from firstmile.facts.environment import Environment
from firstmile.facts.listing import listed
from firstmile.facts.machine import Machine
from firstmile.facts.saving import snapshot_from, snapshot_text
from firstmile.facts.snapshot import Snapshot

from .machines import NVIDIA, installed, machine

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def reasons(environment: Environment) -> dict[str, str]:
    return {each.what: each.reason for each in environment.not_known}


def test_this_machine_can_be_read() -> None:
    environment = collect_environment(Machine(), at=AT)
    assert environment.collected == "2026-01-02T03:04:05Z"
    assert environment.system is not None
    assert environment.memory is not None
    assert environment.memory.total_bytes > 2**28
    assert environment.python is not None
    assert environment.python.version_of("numpy")
    assert not [each for each in environment.not_known if "firstmile failed" in each.reason]


def test_a_part_that_cannot_be_read_is_not_known_and_the_rest_is(tmp_path: Path) -> None:
    environment = collect_environment(machine(tmp_path), at=AT)
    assert "/proc/meminfo" in reasons(environment)["memory"]
    assert reasons(environment)["cgroup"] == "no control group of this process is mounted"
    assert environment.memory is None
    assert environment.system is not None


def test_a_part_that_breaks_is_named_as_our_own_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firstmile.facts.collecting.read_memory", lambda _machine: 1 / 0)
    environment = collect_environment(machine(tmp_path), at=AT)
    assert reasons(environment)["memory"] == "firstmile failed at it (ZeroDivisionError)"


def test_no_secret_host_or_personal_name_is_in_what_is_collected(tmp_path: Path) -> None:
    secrets = {
        "HF_TOKEN": "hf_" + "aBcDeFgHiJ" * 3 + "aBcD",
        "VLLM_API_KEY": "opensesame",
        "NCCL_SECRET_THING": "hush",
        "https_proxy": "http://ada:hunter2@proxy.corp.example:3128",
        "MASTER_ADDR": "node17.corp.example",
        "OLLAMA_HOST": "gpu.corp.example:11434",
        "VLLM_PLUGIN": "Zx81Qw77Er55Ty33Ui11Op99As",
        "HF_HOME": "/home/adalovelace/hub",
    }
    environment = collect_environment(machine(tmp_path, variables=secrets), at=AT)
    text = snapshot_text(Snapshot(environment=environment)) + str(listed(environment))
    for name in secrets:
        assert name in text
    for secret in (
        secrets["HF_TOKEN"],
        "opensesame",
        "hush",
        "hunter2",
        "corp.example",
        secrets["VLLM_PLUGIN"],
        "adalovelace",
    ):
        assert secret not in text


def test_a_variable_does_not_name_the_account_that_it_belongs_to(tmp_path: Path) -> None:
    held = {
        "USER": "jdoe",
        "HF_HOME": "/data/jdoe/hf",
        "PYTHONPATH": "/srv/jdoe:/data/models",
        "TMPDIR": "/data/zhangsan/tmp",
    }
    environment = collect_environment(machine(tmp_path, variables=held), at=AT)
    known = {each.name: each.value for each in environment.variables}
    assert known == {
        "HF_HOME": "/data/<user>/hf",
        "PYTHONPATH": "/srv/<user>:/data/models",
        "TMPDIR": "/data/<user>/tmp",
    }


def test_variables_that_say_how_models_run_are_shown_and_others_are_left_out(
    tmp_path: Path,
) -> None:
    shown = {
        "CUDA_VISIBLE_DEVICES": "0,1",
        "MASTER_ADDR": "127.0.0.1",
        "TOKENIZERS_PARALLELISM": "false",
        "PYTORCH_CUDA_ALLOC_CONF": "expandable_segments:True",
        "OLLAMA_HOST": "0.0.0.0:11434",
    }
    environment = collect_environment(machine(tmp_path, variables={**shown, "EDITOR": "ed"}), at=AT)
    known = {each.name: each.value for each in environment.variables}
    assert known.items() >= shown.items()
    assert "EDITOR" not in known


def test_gpus_driver_and_cuda_come_from_the_vendors_tool(tmp_path: Path) -> None:
    environment = collect_environment(machine(tmp_path, tools={"nvidia-smi": NVIDIA}), at=AT)
    (gpu,) = environment.gpus
    assert (gpu.vendor, gpu.name, gpu.compute_capability) == (
        "NVIDIA",
        "NVIDIA H100 80GB HBM3",
        "9.0",
    )
    assert gpu.memory_total_bytes == 81559 * 1024**2
    assert environment.cuda is not None
    assert (environment.cuda.driver, environment.cuda.driver_supports) == ("550.54.15", "12.4")


def test_a_tool_that_never_answers_is_given_up(tmp_path: Path) -> None:
    slow = "#!/bin/sh\nexec /bin/sleep 30\n"
    stuck = machine(tmp_path, tools={"nvidia-smi": slow}, patience_seconds=0.3)
    environment = collect_environment(stuck, at=AT)
    assert reasons(environment)["gpus"] == "nvidia-smi did not answer within 0.3 s"
    assert environment.gpus == ()


def test_a_driver_that_cannot_be_reached_is_told_in_its_own_words(tmp_path: Path) -> None:
    broken = (
        "#!/bin/sh\necho 'Failed to initialize NVML: Driver/library version mismatch'\nexit 18\n"
    )
    environment = collect_environment(machine(tmp_path, tools={"nvidia-smi": broken}), at=AT)
    assert reasons(environment)["gpus"] == (
        "nvidia-smi ended with status 18: "
        "Failed to initialize NVML: Driver/library version mismatch"
    )


def test_a_device_without_its_tool_is_not_taken_for_no_device(tmp_path: Path) -> None:
    place = "/sys/bus/pci/devices/0000:01:00.0"
    files = {f"{place}/class": "0x030200\n", f"{place}/vendor": "0x10de\n"}
    environment = collect_environment(machine(tmp_path, files), at=AT)
    assert "an NVIDIA device is on the bus" in reasons(environment)["gpus"]


def test_nothing_that_is_installed_is_imported(tmp_path: Path) -> None:
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text("raise SystemExit('imported')")
    (tmp_path / "torch" / "version.py").write_text("cuda: Optional[str] = '12.8'\n")
    installed(tmp_path, "torch", "2.7.1")
    code = (
        "import sys; from datetime import datetime, UTC; from firstmile.facts.collecting import *;"
        "from firstmile.facts.saving import *;"
        "e = collect_environment(Machine(), at=datetime.now(UTC));"
        "from firstmile.facts.snapshot import Snapshot;"
        "print(snapshot_text(Snapshot(environment=e))); assert 'torch' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    packages = json.loads(done.stdout)["environment"]["python"]["packages"]
    torch = {"name": "torch", "version": "2.7.1", "build": "CUDA 12.8", "copies": 1}
    assert any(torch.items() <= each.items() for each in packages)


def test_a_python_that_is_none_is_not_known(tmp_path: Path) -> None:
    other = tmp_path / "bin" / "python"
    other.parent.mkdir()
    other.write_text("no program at all")
    environment = collect_environment(machine(tmp_path / "root"), at=AT, python=other)
    assert "python" in reasons(environment)


def test_an_environment_of_another_kind_is_refused_in_one_sentence() -> None:
    for text in ("", "[]", '{"schema": 99}', '{"schema": 1}', '{"schema": 1, "collected": 3}'):
        with pytest.raises(UserError) as error:
            snapshot_from(text.encode(), name="given.json")
        assert str(error.value).startswith("given.json ")
        assert str(error.value).count(". ") == 0
