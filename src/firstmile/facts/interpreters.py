"""A Python and its packages, read from the metadata that installers leave: nothing is imported."""

import json
import os
import re
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from firstmile.facts.environment import Interpreter, Package
from firstmile.facts.library_names import read_library_names
from firstmile.facts.machine import Answer, Machine, UnreadableError, reason_of
from firstmile.facts.package_metadata import (
    build_of_torch,
    built_for,
    name_of_requirement,
    normal,
    read_metadata,
)
from firstmile.redaction import redact
from firstmile.redaction.rule import words

PACKAGES: Final = words(
    "accelerate addict apollo-torch aqlm auto-gptq auto-round autoawq av bitsandbytes",
    "causal-conv1d compressed-tensors datasets decord deepspeed easydict eetq einops",
    "faiss-cpu faiss-gpu fbgemm-gpu filelock flash-attn flash-linear-attention",
    "flashinfer-python galore-torch gguf gptqmodel grokadamw habana-torch-plugin hf-transfer hqq",
    "httpx huggingface-hub jax jinja2 kernels librosa liger-kernel llama-cpp-python llamafactory",
    "lmdeploy lomo-optim mamba-ssm mistral-common mlx mlx-lm modelscope msgspec ninja numpy",
    "ollama onnxruntime onnxruntime-gpu openai opencv-python optimum optimum-quanto",
    "outlines packaging pandas peft pillow pip protobuf pyarrow pydantic pynvml pysocks",
    "pyyaml qwen-vl-utils ray regex safetensors schedulefree scipy sentence-transformers",
    "sentencepiece setuptools sgl-kernel sglang socksio soundfile tensorflow tensorrt-llm",
    "tiktoken timm tokenizers torch torch-musa torch-npu torch-optimi torch-xla torchao torchaudio",
    "torchvision tqdm",
    "transformers transformers-stream-generator triton triton-windows trl unsloth vllm",
    "wandb xformers xgrammar",
)
"""Names in their normal form (PEP 503); all of `nvidia-*` matter as well."""

_METADATA: Final = re.compile(
    r"(?P<name>[A-Za-z0-9][\w.]*?)-(?P<version>[\w.!+]+?)(?:-py\d[\d.]*)?\.(?:dist|egg)-info"
)
_MOST_WORDS: Final = 8
_ASK: Final = (
    "import json,platform,sys,sysconfig;print(json.dumps([platform.python_version(),"
    "platform.python_implementation(),sys.prefix,sys.path,sysconfig.get_path('include')]))"
)


def read_own_interpreter() -> Interpreter:
    """Read the Python that this runs in."""
    prefix = Path(sys.prefix)
    folders = [Path(each) for each in sys.path if each]
    return Interpreter(
        version=".".join(map(str, sys.version_info[:3])),
        implementation=sys.implementation.name,
        executable=redact(sys.executable).text,
        prefix=redact(sys.prefix).text,
        environment=_kind(prefix),
        packages=read_packages(folders),
        headers=(Path(sysconfig.get_path("include")) / "Python.h").is_file(),
        known=read_library_names(folders),
    )


def read_interpreter(path: Path, machine: Machine) -> Interpreter:
    """Read another Python by its executable or its environment's folder.

    It is not run where its folders can be told from where it lies; otherwise it is asked for
    them, alone. Raises UnreadableError where it is no Python.
    """
    if path.is_dir():
        path = next(
            (each for name in ("bin/python", "Scripts/python.exe", "bin/python3")
             if (each := path / name).exists()),
            path,
        )  # fmt: skip
    if not path.is_file():
        raise UnreadableError(f"{redact(str(path)).text} is no Python")
    # A link is not followed: the environment is where the link lies.
    prefix = path.absolute().parent.parent
    settings = _settings(prefix)
    wanted = _short_version(settings, path)
    folders = list(_site_folders(prefix, wanted))
    if not folders:
        return _asked(path, machine)
    if settings is None or settings.get("include-system-site-packages") == "true":
        home = Path(settings["home"]).parent if settings and "home" in settings else prefix
        folders += [each for each in _site_folders(home, wanted) if each not in folders]
        folders += _of_user(machine, wanted)
    folders = [*_of_variable(machine), *folders]
    return Interpreter(
        version=(settings or {}).get("version") or (settings or {}).get("version_info") or wanted,
        implementation=(settings or {}).get("implementation", "").lower() or None,
        executable=redact(str(path)).text,
        prefix=redact(str(prefix)).text,
        environment=_kind(prefix),
        packages=read_packages(folders),
        headers=_headers(settings, prefix, wanted),
        known=read_library_names(folders),
    )


def interpreter_of_command(command: Sequence[str], machine: Machine) -> Path | None:
    """Return the Python that a command runs in: what it names, or else the PATH's.

    Programs that start others (`env`, `nohup`, `uv run`) are looked through. None where there
    is no Python at all.
    """
    for word in command[:_MOST_WORDS]:
        program = machine.program(word)
        if program is not None and (found := interpreter_of(Path(program))) is not None:
            return found
    fallback = machine.program("python") or machine.program("python3")
    return Path(fallback) if fallback else None


def interpreter_of(program: Path) -> Path | None:
    """Return the Python that a program is run by: itself, or the one its first line names."""
    if re.fullmatch(r"python[\d.]*(?:\.exe)?", program.name):
        return program
    try:
        with program.open("rb") as file:
            first = file.readline(512)
    except OSError:
        return None
    named = re.match(rb"#! ?(/\S*python[\d.]*)\s", first)
    return Path(os.fsdecode(named[1])) if named else None


def read_packages(folders: Iterable[Path]) -> tuple[Package, ...]:
    """Return the packages that matter in the order of names; the first folder wins."""
    found: dict[str, list[tuple[str, Path]]] = {}
    for folder in dict.fromkeys(folders):
        for name, version, path in _metadata_in(folder):
            found.setdefault(name, []).append((version, path))
    return tuple(_package(name, copies) for name, copies in sorted(found.items()))


def _package(name: str, copies: Sequence[tuple[str, Path]]) -> Package:
    """Return a package by its copies (version of the folder's name, and folder), the first."""
    version, folder = copies[0]
    said = read_metadata(folder)
    # A folder's name spells some versions apart from how the metadata does.
    version = said.version or version
    versions = {version, *(read_metadata(path).version or one for one, path in copies[1:])}
    return Package(
        name=name,
        version=version,
        build=build_of_torch(folder.parent) if name == "torch" else None,
        copies=len(versions),
        requires=tuple(one for one in said.requires if _matters(name_of_requirement(one))),
        requires_python=said.requires_python,
        tags=said.tags,
        built=built_for(name, version, folder.parent, said.origin),
        editable=said.editable,
    )


def _matters(name: str) -> bool:
    return name in PACKAGES or name.startswith("nvidia-")


def _metadata_in(folder: Path) -> Iterator[tuple[str, str, Path]]:
    try:
        with os.scandir(folder) as listed:
            names = sorted(each.name for each in listed if each.name.endswith("-info"))
    except OSError:
        return
    for file in names:
        parts = _METADATA.fullmatch(file)
        name = normal(parts["name"]) if parts else ""
        if parts and _matters(name):
            yield name, parts["version"], folder / file


def _headers(settings: dict[str, str] | None, prefix: Path, version: str | None) -> bool | None:
    """Say whether `Python.h` lies where the Python at a prefix, or its base, keeps it."""
    if version is None:
        return None
    homes = [prefix]
    if settings and "home" in settings:
        homes.append(Path(settings["home"]).parent)
    return any(
        (home / folder / "Python.h").is_file()
        for home in homes
        for folder in (f"include/python{version}", f"include/python{version}m", "include")
    )


def _kind(prefix: Path) -> str | None:
    if (prefix / "pyvenv.cfg").is_file():
        return "venv"
    return "conda" if (prefix / "conda-meta").is_dir() else None


def _settings(prefix: Path) -> dict[str, str] | None:
    """Return what `pyvenv.cfg` says; None where this is no virtual environment."""
    try:
        text = (prefix / "pyvenv.cfg").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None
    lines = (line.partition("=") for line in text.splitlines())
    return {name.strip().lower(): value.strip() for name, equals, value in lines if equals}


def _short_version(settings: dict[str, str] | None, path: Path) -> str | None:
    stated = (settings or {}).get("version") or (settings or {}).get("version_info") or ""
    found = re.match(r"\d+\.\d+", stated)
    if found:
        return found[0]
    named = re.search(r"python(\d+\.\d+)", os.path.realpath(path).rpartition("/")[2])
    return named[1] if named else None


def _site_folders(prefix: Path, version: str | None) -> Iterator[Path]:
    """Yield the folders in which installers put packages of the Python at `prefix`."""
    lib = f"python{version}" if version else "python3.*"
    for pattern in (
        f"local/lib/{lib}/dist-packages",
        f"lib/{lib}/site-packages",
        f"lib64/{lib}/site-packages",
        f"lib/{lib}/dist-packages",
        "lib/python3/dist-packages",
        "Lib/site-packages",
    ):
        yield from sorted(each for each in prefix.glob(pattern) if each.is_dir())


def _of_user(machine: Machine, version: str | None) -> list[Path]:
    home = machine.variables.get("HOME")
    if home is None or version is None:
        return []
    folder = Path(home) / ".local" / "lib" / f"python{version}" / "site-packages"
    return [folder] if folder.is_dir() else []


def _of_variable(machine: Machine) -> list[Path]:
    paths = machine.variables.get("PYTHONPATH", "").split(os.pathsep)
    return [Path(each) for each in paths if each]


def _asked(path: Path, machine: Machine) -> Interpreter:
    try:
        answer = json.loads(Answer([str(path), "-c", _ASK], machine).text())
        version, implementation, prefix, search, include = answer
    except UnreadableError:
        raise
    except (OSError, ValueError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else "it answered otherwise"
        raise UnreadableError(f"{redact(str(path)).text} is no Python: {reason}") from error
    folders = [Path(each) for each in search if each]
    return Interpreter(
        version=str(version),
        implementation=str(implementation).lower(),
        executable=redact(str(path)).text,
        prefix=redact(str(prefix)).text,
        environment=_kind(Path(prefix)),
        packages=read_packages(folders),
        headers=(Path(str(include)) / "Python.h").is_file(),
        known=read_library_names(folders),
    )
