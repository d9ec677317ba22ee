"""The built wheel holds everything and works where only the core's requirements are."""

import os
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import firstmile

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "firstmile"
HEAVY = (
    "scipy",
    "sklearn",
    "pyarrow",
    "jinja2",
    "vl_convert",
    "httpcore",
    "hyperscan",
    "tokenizers",
)
CORE = {
    "ahocorasick-rs",
    "google-re2",
    "markdown-it-py",
    "msgspec",
    "numpy",
    "packaging",
    "rich",
    "typer",
}
MOST_BYTES = 15 * 1024 * 1024


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    offline = ["--no-build-isolation", "--no-deps", "--no-index"]
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", *offline, "-w", str(folder)]
    subprocess.run([*command, str(ROOT)], check=True, timeout=120)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def requirements_of(found: Distribution) -> set[str]:
    """Return the names of what a distribution needs here, without extras."""
    wanted = [Requirement(text) for text in found.requires or ()]
    return {
        item.name for item in wanted if item.marker is None or item.marker.evaluate({"extra": ""})
    }


def with_all_below(wanted: set[str]) -> dict[str, Distribution]:
    """Return installed distributions by name, with everything that they need in turn."""
    held: dict[str, Distribution] = {}
    while wanted:
        name = wanted.pop()
        if name not in held:
            held[name] = distribution(name)
            wanted |= requirements_of(held[name])
    return held


def copy_into(site: Path, found: Distribution) -> None:
    """Copy the files of an installed distribution, scripts excepted."""
    for file in found.files or ():
        if ".." not in file.parts and "__pycache__" not in file.parts:
            target = site.joinpath(*file.parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(Path(str(file.locate())), target)


@pytest.fixture(scope="module")
def empty_environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an environment with the wheel and the core's requirements; nothing is fetched."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True, timeout=120
    )
    install = ["install", "--quiet", "--no-deps", "--no-index", "--no-compile", str(wheel)]
    python = str(folder / "bin" / "python")
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, *install], check=True, timeout=120
    )
    (site,) = folder.glob("lib/python*/site-packages")
    (installed,) = distributions(path=[str(site)])
    for found in with_all_below(requirements_of(installed)).values():
        copy_into(site, found)
    return folder


def run(environment: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(environment / "bin" / arguments[0]), *arguments[1:]],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=environment.parent,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(environment.parent)},
    )


def test_every_file_of_the_package_is_in_the_wheel(names: set[str]) -> None:
    files = {
        path.relative_to(PACKAGE.parent).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert files == {name for name in names if not name.split("/")[0].endswith(".dist-info")}


def test_codebook_claims_page_and_types_are_in_the_wheel(names: set[str]) -> None:
    for ending, least in ((".toml", 40), (".css", 1), (".js", 1), (".j2", 1), ("py.typed", 1)):
        assert len([name for name in names if name.endswith(ending)]) >= least, ending
    assert "firstmile/taxonomy/codebook/codebook.toml" in names
    assert "firstmile/study/claims/causes_converge_across_series.toml" in names


def test_nothing_else_is_in_the_wheel(names: set[str]) -> None:
    assert not [name for name in names if name.endswith((".pyc", ".part", ".orig", "~"))]
    assert {name.split("/")[0].split("-")[0] for name in names} == {"firstmile"}


def test_the_wheel_stays_under_15_mb(wheel: Path) -> None:
    assert wheel.stat().st_size < MOST_BYTES


def test_the_wheel_carries_its_license_and_names_no_heavy_requirement(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        text = archive.read(metadata).decode("utf-8")
        assert any(n.endswith("/LICENSE") for n in archive.namelist())
    core = [
        Requirement(line.partition(": ")[2])
        for line in text.splitlines()
        if line.startswith("Requires-Dist: ") and "extra ==" not in line
    ]
    assert {item.name for item in core} == CORE
    assert "License-Expression: Apache-2.0" in text
    assert str(ROOT) not in text


@pytest.mark.parametrize("module", HEAVY)
def test_the_empty_environment_lacks_the_study(empty_environment: Path, module: str) -> None:
    assert run(empty_environment, "python", "-c", f"import {module}").returncode == 1


def test_the_package_is_the_installed_one(empty_environment: Path) -> None:
    said = run(empty_environment, "python", "-c", "import firstmile; print(firstmile.__file__)")
    assert str(empty_environment) in said.stdout


def test_the_version_answers_there(empty_environment: Path) -> None:
    said = run(empty_environment, "firstmile", "--version")
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.startswith(f"firstmile {firstmile.__version__}, codebook ")


@pytest.mark.parametrize(
    ("arguments", "holds"),
    [
        (("taxonomy",), "crash/cuda/out-of-memory"),
        (("explain", "crash/cuda/out-of-memory"), "Boundary rules"),
        (("explain", "environment"), "Industry initiatives"),
        (("explain", "gpu-memory-is-full"), "Fix"),
        (("facts",), "Python"),
        (("study", "--help"), "report"),
        (("study", "report", "--help"), "--out"),
    ],
)
def test_core_commands_answer_there(
    empty_environment: Path, arguments: tuple[str, ...], holds: str
) -> None:
    said = run(empty_environment, "firstmile", *arguments)
    assert (said.returncode, said.stderr) == (0, "")
    assert holds in said.stdout


@pytest.mark.parametrize(
    "arguments", [("report",), ("compare", "embedded", "embedded"), ("schema",)]
)
def test_the_study_names_its_extra_in_one_sentence(
    empty_environment: Path, arguments: tuple[str, ...]
) -> None:
    said = run(empty_environment, "firstmile", "study", *arguments)
    assert said.returncode == 2
    assert said.stdout == ""
    assert len(said.stderr.splitlines()) == 1
    assert 'pip install "firstmile[study]"' in said.stderr
    assert not (empty_environment.parent / "report").exists()


def test_a_failed_run_is_diagnosed_there(empty_environment: Path) -> None:
    fails = "raise RuntimeError('CUDA out of memory. Tried to allocate 2.00 GiB')"
    said = run(empty_environment, "firstmile", "run", "--", "python3", "-c", fails)
    assert said.returncode == 1
    assert "Out of Memory" in said.stderr
    log = empty_environment.parent / "run.log"
    log.write_text(said.stderr, encoding="utf-8")
    for style in ("text", "json", "markdown", "html"):
        told = run(empty_environment, "firstmile", "diagnose", str(log), "--format", style)
        assert (told.returncode, told.stderr) == (0, "")
        assert "Crash - CUDA Error - Out of Memory" in told.stdout
