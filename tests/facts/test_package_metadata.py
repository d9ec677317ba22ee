"""What installed packages say of themselves is read from their files, whatever stands in them."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.facts.environment import BuiltFor, Package
from firstmile.facts.interpreters import read_packages
from firstmile.facts.package_metadata import name_of_requirement

from .machines import installed


def package(folder: Path, name: str) -> Package:
    found = {each.name: each for each in read_packages([folder])}
    return found[name]


def test_requirements_are_those_that_matter_without_extras(tmp_path: Path) -> None:
    metadata = installed(tmp_path, "transformers", "4.46.3")
    text = (metadata / "METADATA").read_text()
    text += (
        "Requires-Python: >=3.8\n"
        "Requires-Dist: tokenizers <0.21,>=0.20\n"
        "Requires-Dist: sphinx >=7\n"
        'Requires-Dist: nvidia-nccl-cu12 ==2.21.5 ; platform_system == "Linux"\n'
        "Requires-Dist: accelerate >=0.26.0 ; extra == 'accelerate'\n"
        "\nRequires-Dist: numpy\n"
    )
    (metadata / "METADATA").write_text(text)
    found = package(tmp_path, "transformers")
    assert found.requires == (
        "tokenizers <0.21,>=0.20",
        'nvidia-nccl-cu12 ==2.21.5 ; platform_system == "Linux"',
    )
    assert found.requires_python == ">=3.8"


def test_tags_and_an_editable_install_are_read(tmp_path: Path) -> None:
    metadata = installed(tmp_path, "vllm", "0.9.0")
    (metadata / "WHEEL").write_text("Wheel-Version: 1.0\nTag: cp38-abi3-linux_x86_64\n")
    (metadata / "direct_url.json").write_text(
        json.dumps({"url": "file:///home/someone/vllm", "dir_info": {"editable": True}})
    )
    found = package(tmp_path, "vllm")
    assert (found.tags, found.editable) == (("cp38-abi3-linux_x86_64",), True)
    assert "someone" not in repr(found)


@pytest.mark.parametrize(
    ("version", "address"),
    [
        ("2.6.3+cu123torch2.3cxx11abiFALSE", None),
        ("2.6.3", "https://x.org/flash_attn-2.6.3%2Bcu123torch2.3cxx11abiFALSE-cp310-linux.whl"),
    ],
)
def test_what_flash_attention_was_built_for_stands_in_version_or_address(
    tmp_path: Path, version: str, address: str | None
) -> None:
    metadata = installed(tmp_path, "flash_attn", "2.6.3", stated=version)
    if address:
        (metadata / "direct_url.json").write_text(json.dumps({"url": address}))
    built = package(tmp_path, "flash-attn").built
    assert built == BuiltFor(torch="2.3", cuda=("12.3",), cxx11_abi=False)


def test_torch_says_its_cuda_and_its_abi(tmp_path: Path) -> None:
    installed(tmp_path, "torch", "2.6.0")
    share = tmp_path / "torch" / "share" / "cmake" / "Torch"
    share.mkdir(parents=True)
    (share / "TorchConfig.cmake").write_text('set(FLAGS "-D_GLIBCXX_USE_CXX11_ABI=1")\n')
    (tmp_path / "torch" / "version.py").write_text("cuda: Optional[str] = '12.4'\nhip = None\n")
    found = package(tmp_path, "torch")
    assert (found.build, found.built) == ("CUDA 12.4", BuiltFor(cuda=("12.4",), cxx11_abi=True))


def test_xformers_and_bitsandbytes_say_what_they_were_built_for(tmp_path: Path) -> None:
    installed(tmp_path, "xformers", "0.0.29")
    installed(tmp_path, "bitsandbytes", "0.45.0")
    (tmp_path / "xformers").mkdir()
    said = {"version": {"torch": "2.6.0+cu124", "python": "3.11.9", "cuda": 1204}}
    (tmp_path / "xformers" / "cpp_lib.json").write_text(json.dumps(said))
    (tmp_path / "bitsandbytes").mkdir()
    for name in ("libbitsandbytes_cuda118.so", "libbitsandbytes_cuda124.so", "nn.py"):
        (tmp_path / "bitsandbytes" / name).write_text("")
    xformers = package(tmp_path, "xformers").built
    assert xformers == BuiltFor(torch="2.6.0+cu124", python="3.11.9", cuda=("12.4",))
    assert package(tmp_path, "bitsandbytes").built == BuiltFor(cuda=("11.8", "12.4"))


@given(st.binary(max_size=200), st.binary(max_size=200), st.binary(max_size=200))
def test_hostile_files_of_a_package_are_read_or_passed_over(
    tmp_path_factory: pytest.TempPathFactory, metadata: bytes, address: bytes, library: bytes
) -> None:
    folder = tmp_path_factory.mktemp("site")
    place = installed(folder, "xformers", "1.0")
    (place / "METADATA").write_bytes(metadata)
    (place / "direct_url.json").write_bytes(address)
    (folder / "xformers").mkdir()
    (folder / "xformers" / "cpp_lib.json").write_bytes(library)
    assert [each.name for each in read_packages([folder])] == ["xformers"]


def test_the_name_of_a_requirement_is_in_its_normal_form() -> None:
    assert name_of_requirement("Huggingface_Hub[torch]>=0.34") == "huggingface-hub"
    assert name_of_requirement(";") == ""
