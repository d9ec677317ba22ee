"""The parts of an environment, each read from a folder that looks like a machine."""

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstmile.facts.accelerators import Accelerators, of_mac, of_nvidia, of_rocm
from firstmile.facts.cgroups import oom_kills, read_cgroup
from firstmile.facts.environment import SCHEMA, Cgroup, Environment
from firstmile.facts.hardware import read_folders, read_memory, read_processor
from firstmile.facts.interpreters import (
    interpreter_of,
    interpreter_of_command,
    read_interpreter,
    read_packages,
)
from firstmile.facts.machine import UnreadableError
from firstmile.facts.saving import snapshot_from, snapshot_text
from firstmile.facts.snapshot import Snapshot
from firstmile.facts.system import read_system

from .machines import NVIDIA, environment_folder, installed, machine

ONE = {
    "/proc/self/cgroup": "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n0::/\n",
    "/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": "2147483648\n",
    "/sys/fs/cgroup/memory/docker/abc/memory.usage_in_bytes": "1000\n",
    "/sys/fs/cgroup/memory/docker/abc/memory.memsw.limit_in_bytes": "9223372036854771712\n",
    "/sys/fs/cgroup/memory/docker/abc/memory.oom_control": "oom_kill_disable 0\noom_kill 3\n",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
    "/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us": "150000\n",
    "/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us": "100000\n",
}
TWO = {
    "/proc/self/cgroup": "0::/system.slice/job\n",
    "/sys/fs/cgroup/cgroup.controllers": "cpu memory pids\n",
    "/sys/fs/cgroup/system.slice/memory.max": "1073741824\n",
    "/sys/fs/cgroup/system.slice/job/memory.max": "max\n",
    "/sys/fs/cgroup/system.slice/job/memory.current": "4096\n",
    "/sys/fs/cgroup/system.slice/job/memory.events": "low 0\noom 1\noom_kill 2\n",
    "/sys/fs/cgroup/system.slice/job/cpu.max": "max 100000\n",
    "/sys/fs/cgroup/system.slice/job/pids.max": "512\n",
}


def test_limits_of_a_control_group_of_version_1(tmp_path: Path) -> None:
    assert read_cgroup(machine(tmp_path, ONE)) == Cgroup(
        version=1,
        memory_limit_bytes=2147483648,
        memory_used_bytes=1000,
        swap_limit_bytes=None,
        cpus=1.5,
        pids_limit=None,
        oom_kills=3,
    )


def test_the_lowest_limit_of_the_groups_above_counts_in_version_2(tmp_path: Path) -> None:
    assert read_cgroup(machine(tmp_path, TWO)) == Cgroup(
        version=2,
        memory_limit_bytes=1073741824,
        memory_used_bytes=4096,
        swap_limit_bytes=None,
        cpus=None,
        pids_limit=512,
        oom_kills=2,
    )


def test_a_container_that_sees_its_group_as_the_root_is_read_there(tmp_path: Path) -> None:
    files = {
        "/proc/self/cgroup": "0::/../../kubepods/pod1\n",
        "/sys/fs/cgroup/cgroup.controllers": "memory\n",
        "/sys/fs/cgroup/memory.max": "536870912\n",
        "/sys/fs/cgroup/memory.events": "oom_kill 7\n",
    }
    inside = machine(tmp_path, files)
    assert read_cgroup(inside).memory_limit_bytes == 536870912
    assert oom_kills(inside) == 7


@pytest.mark.parametrize(
    ("files", "variables", "container", "wsl"),
    [
        ({}, {}, None, None),
        ({"/.dockerenv": ""}, {}, "docker", None),
        ({"/run/.containerenv": ""}, {}, "podman", None),
        ({"/proc/self/cgroup": "0::/kubepods/burstable/pod1\n"}, {}, "kubernetes", None),
        ({}, {"container": "lxc"}, "lxc", None),
        ({"/proc/version": "Linux 5.15.1-microsoft-standard-WSL2 (gcc)"}, {}, None, 2),
        ({"/proc/version": "Linux version 4.4.0-19041-Microsoft (gcc)"}, {}, None, 1),
    ],
)
def test_containers_and_windows_linux_are_told_by_their_marks(
    tmp_path: Path,
    files: dict[str, str],
    variables: dict[str, str],
    container: str | None,
    wsl: int | None,
) -> None:
    system = read_system(machine(tmp_path, files, variables=variables))
    assert (system.container, system.wsl) == (container, wsl)


def test_the_name_of_the_release_is_read(tmp_path: Path) -> None:
    files = {"/etc/os-release": 'NAME="Ubuntu"\nPRETTY_NAME="Ubuntu 22.04.4 LTS"\n'}
    assert read_system(machine(tmp_path, files)).release == "Ubuntu 22.04.4 LTS"


def test_memory_and_processor_are_read(tmp_path: Path) -> None:
    files = {
        "/proc/meminfo": "MemTotal: 2048 kB\nMemAvailable: 1024 kB\nSwapTotal: 0 kB\n",
        "/proc/cpuinfo": "model name\t: Some CPU\nflags\t\t: sse4_2 avx2 lm\n",
    }
    whole = machine(tmp_path, files)
    memory, processor = read_memory(whole), read_processor(whole)
    assert (memory.total_bytes, memory.available_bytes) == (2048 * 1024, 1024 * 1024)
    assert memory.swap_free_bytes is None
    assert (processor.model, processor.flags) == ("Some CPU", ("sse4_2", "avx2"))


def test_room_is_that_of_the_folder_a_cache_would_be_made_in(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    folders = {each.purpose: each for each in read_folders(machine(tmp_path))}
    cache = folders["Hugging Face cache"]
    assert not cache.exists
    assert cache.writable
    assert cache.free_bytes > 0
    assert folders["working folder"].exists


def test_drivers_that_do_not_know_the_newer_field_are_asked_without_it(tmp_path: Path) -> None:
    refused = (
        "--query-gpu=*compute_cap*) echo 'Field \"compute_cap\" is not a valid field'; exit 2 ;;"
    )
    answer = next(line for line in NVIDIA.splitlines() if "compute_cap" in line)
    old = machine(tmp_path, tools={"nvidia-smi": NVIDIA.replace(answer, refused)})
    asked = Accelerators(old)
    (gpu,) = asked.gpus()
    assert gpu.compute_capability is None
    assert asked.reasons == []
    assert asked.cuda((gpu,)) is not None


def test_amd_and_apple_devices_are_read() -> None:
    card = {
        "Card Series": "AMD Instinct MI250X",
        "VRAM Total Memory (B)": "68702699520",
        "VRAM Total Used Memory (B)": "11000000",
        "GFX Version": "gfx90a",
    }
    (amd,) = of_rocm(json.dumps({"card0": card, "system": {"Driver version": "6.3.6"}}))
    assert (amd.name, amd.driver, amd.compute_capability) == (
        "AMD Instinct MI250X",
        "6.3.6",
        "gfx90a",
    )
    (mac,) = of_mac(json.dumps({"SPDisplaysDataType": [{"sppci_model": "Apple M2 Max"}]}))
    assert (mac.vendor, mac.name) == ("Apple", "Apple M2 Max")


@given(st.text() | st.lists(st.text(alphabet="0123456789,.N/A[] \n")).map(", ".join))
def test_whatever_nvidia_smi_says_is_read_or_passed_over(text: str) -> None:
    for gpu in of_nvidia(text):
        assert gpu.vendor == "NVIDIA"


def test_a_cuda_toolkit_is_found_by_its_own_file(tmp_path: Path) -> None:
    home = tmp_path / "cuda-12.4"
    home.mkdir()
    (home / "version.json").write_text('{"cuda": {"version": "12.4.1"}}')
    cuda = Accelerators(machine(tmp_path, variables={"CUDA_HOME": str(home)})).cuda(())
    assert cuda is not None
    assert cuda.toolkit == "12.4.1"


def test_packages_are_read_from_what_installers_leave(tmp_path: Path) -> None:
    installed(tmp_path, "torch", "2.4.0+cu121")
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "version.py").write_text("cuda = '12.1'\nhip = None\n")
    installed(tmp_path, "flash_attn", "2.6.3")
    installed(tmp_path, "nvidia_cublas_cu12", "12.1.3.1")
    installed(tmp_path, "requests", "2.31.0")
    installed(tmp_path, "transformers", "4.44.0.dev0", stated="4.44.0.dev0")
    found = {each.name: each for each in read_packages([tmp_path])}
    assert list(found) == ["flash-attn", "nvidia-cublas-cu12", "torch", "transformers"]
    assert (found["torch"].version, found["torch"].build) == ("2.4.0+cu121", "CUDA 12.1")


def test_two_versions_in_one_search_path_are_counted(tmp_path: Path) -> None:
    installed(tmp_path / "first", "torch", "2.4.0")
    installed(tmp_path / "second", "torch", "2.3.0")
    (package,) = read_packages([tmp_path / "first", tmp_path / "second"])
    assert (package.version, package.copies) == ("2.4.0", 2)


def test_another_environment_is_read_without_being_run(tmp_path: Path) -> None:
    marker = tmp_path / "was-run"
    python = environment_folder(tmp_path / "env", program=f"#!/bin/sh\n/bin/touch {marker}\n")
    installed(tmp_path / "env" / "lib" / "python3.11" / "site-packages", "vllm", "0.6.1")
    for given_path in (python, tmp_path / "env"):
        found = read_interpreter(given_path, machine(tmp_path / "root"))
        assert (found.version, found.environment) == ("3.11.7", "venv")
        assert found.version_of("vllm") == "0.6.1"
    assert not marker.exists()


def test_a_python_whose_folders_cannot_be_told_is_asked_for_them(tmp_path: Path) -> None:
    shim = tmp_path / "shims" / "python"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    shim.chmod(0o755)
    found = read_interpreter(shim, machine(tmp_path / "root"))
    assert found.version == ".".join(map(str, sys.version_info[:3]))
    assert found.version_of("numpy")


def test_what_is_no_python_is_said_to_be_none(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(UnreadableError, match="is no Python"):
            read_interpreter(path, machine(tmp_path / "root"))


def test_the_python_of_a_program_is_the_one_its_first_line_names(tmp_path: Path) -> None:
    script = tmp_path / "vllm"
    script.write_text("#!/opt/env/bin/python3.12\nimport vllm\n")
    assert interpreter_of(script) == Path("/opt/env/bin/python3.12")
    assert interpreter_of(Path("/opt/env/bin/python3")) == Path("/opt/env/bin/python3")
    (tmp_path / "tool").write_bytes(b"\x7fELF\0\0")
    assert interpreter_of(tmp_path / "tool") is None


def test_the_python_of_a_command_is_looked_for_behind_what_starts_it(tmp_path: Path) -> None:
    own = "#!/opt/env/bin/python3.12\nimport vllm\n"
    tools = {"vllm": own, "nohup": "\x7fELF", "python": "#!/bin/sh\n"}
    whole = machine(tmp_path, tools=tools)
    named = Path("/opt/env/bin/python3.12")
    for command in (["vllm", "serve"], ["nohup", "-x", "vllm", "serve"]):
        assert interpreter_of_command(command, whole) == named
    other = tmp_path / "tools" / "python"
    assert interpreter_of_command(["nohup", "./server"], whole) == other
    assert interpreter_of_command(["./server"], machine(tmp_path / "bare")) is None


ENVIRONMENTS = st.builds(
    Environment,
    schema=st.just(SCHEMA),
    system=...,
    cgroup=...,
    limits=...,
    processor=...,
    memory=...,
    folders=...,
    gpus=...,
    cuda=...,
    python=...,
    variables=...,
    not_known=...,
)


@settings(max_examples=30)
@given(ENVIRONMENTS)
def test_what_was_saved_redacted_is_read_back_as_it_was(environment: Environment) -> None:
    text = snapshot_text(Snapshot(environment=environment))
    assert snapshot_text(snapshot_from(text.encode(), name="it")) == text


@settings(max_examples=50)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: (
    st.lists(inner) | st.dictionaries(st.sampled_from(["gpus", "system", "python", "name"]), inner)
)))  # fmt: skip
def test_an_environment_from_elsewhere_is_whole_or_refused(tree: object) -> None:
    from firstmile.errors import UserError

    given_tree = {"collected": "x", "firstmile": "y", "gpus": [], "system": tree}
    whole = {"schema": SCHEMA, "environment": given_tree}
    try:
        read = snapshot_from(json.dumps(whole).encode(), name="it")
    except UserError:
        return
    assert snapshot_from(snapshot_text(read).encode(), name="it") is not None
