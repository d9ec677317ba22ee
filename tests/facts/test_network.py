"""Names of network interfaces: as the system lists them, without addresses of hardware."""

import sys
from pathlib import Path

import pytest

from firstmile.facts.machine import Machine, UnreadableError
from firstmile.facts.network import read_interfaces


def machine_with(tmp_path: Path, *names: str) -> Machine:
    folder = tmp_path / "sys/class/net"
    for name in names:
        (folder / name).mkdir(parents=True)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bonding_masters").write_text("bond0\n")
    return Machine(root=tmp_path, platform="linux")


def test_interfaces_are_listed_in_order(tmp_path: Path) -> None:
    assert read_interfaces(machine_with(tmp_path, "lo", "eth0", "ib0")) == ("eth0", "ib0", "lo")


def test_the_address_of_the_hardware_does_not_show(tmp_path: Path) -> None:
    found = read_interfaces(machine_with(tmp_path, "enx001122aabbcc", "lo"))
    assert found == ("enx*", "lo")


def test_a_machine_without_the_list_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="/sys/class/net"):
        read_interfaces(Machine(root=tmp_path, platform="linux"))


@pytest.mark.skipif(sys.platform == "win32", reason="other names")
def test_this_machine_has_a_loopback() -> None:
    assert any(name.startswith("lo") for name in read_interfaces(Machine()))
