"""A Python and its packages, read from the metadata that installers leave: nothing is imported."""

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from firstmile.facts.environment import Interpreter, Package
from firstmile.facts.machine import Answer, Machine, UnreadableError, reason_of
from firstmile.redaction import redact
from firstmile.redaction.rule import words

PACKAGES: Final = words(
    "accelerate auto-gptq autoawq bitsandbytes causal-conv1d compressed-tensors datasets deepspeed",
    "einops faiss-cpu flash-attn flashinfer-python gguf gptqmodel hqq huggingface-hub jax jinja2",
    "kernels liger-kernel llama-cpp-python llamafactory lmdeploy mamba-ssm mistral-common mlx",
    "mlx-lm modelscope numpy ollama onnxruntime onnxruntime-gpu openai optimum outlines peft pip",
    "protobuf pydantic pynvml ray safetensors sentence-transformers sentencepiece setuptools",
    "sglang sgl-kernel tensorflow tensorrt-llm tiktoken tokenizers torch torchao torchaudio",
    "torchvision transformers triton trl unsloth vllm xformers xgrammar",
)
"""Names in their normal form (PEP 503); all of `nvidia-*` matter as well."""

_METADATA: Final = re.compile(
    r"(?P<name>[A-Za-z0-9][\w.]*?)-(?P<version>[\w.!+]+?)(?:-py\d[\d.]*)?\.(?:dist|egg)-info"
)
_CUDA: Final = re.compile(r"""^cuda(?:: [^=\n]{1,40})? = ['"]([\d.]+)['"]""", re.MULTILINE)
_HIP: Final = re.compile(r"""^hip(?:: [^=\n]{1,40})? = ['"]([\d.]+)""", re.MULTILINE)
_HEADER_BYTES: Final = 4096
_MOST_WORDS: Final = 8
_ASK: Final = (
    "import json,platform,sys;print(json.dumps([platform.python_version(),"
    "platform.python_implementation(),sys.prefix,sys.path]))"
)


def read_own_interpreter() -> Interpreter:
    """Read the Python that this runs in."""
    prefix = Path(sys.prefix)
    return Interpreter(
        version=".".join(map(str, sys.version_info[:3])),
        implementation=sys.implementation.name,
        executable=redact(sys.executable).text,
        prefix=redact(sys.prefix).text,
        environment=_kind(prefix),
        packages=read_packages(Path(each) for each in sys.path if each),
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
    return Interpreter(
        version=(settings or {}).get("version") or (settings or {}).get("version_info") or wanted,
        implementation=(settings or {}).get("implementation", "").lower() or None,
        executable=redact(str(path)).text,
        prefix=redact(str(prefix)).text,
        environment=_kind(prefix),
        packages=read_packages([*_of_variable(machine), *folders]),
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
    return tuple(
        Package(
            name=name,
            version=copies[0][0],
            build=_build(name, copies[0][1]),
            copies=len({version for version, _ in copies}),
        )
        for name, copies in sorted(found.items())
    )


def _metadata_in(folder: Path) -> Iterator[tuple[str, str, Path]]:
    try:
        with os.scandir(folder) as listed:
            names = sorted(each.name for each in listed if each.name.endswith("-info"))
    except OSError:
        return
    for file in names:
        parts = _METADATA.fullmatch(file)
        name = re.sub(r"[-_.]+", "-", parts["name"]).lower() if parts else ""
        if parts and (name in PACKAGES or name.startswith("nvidia-")):
            path = folder / file
            yield name, _stated_version(path) or parts["version"], path


def _stated_version(path: Path) -> str | None:
    """Return the version in the metadata's own words: a folder's name spells some apart."""
    for name in ("METADATA", "PKG-INFO"):
        try:
            with (path / name).open("rb") as file:
                head = file.read(_HEADER_BYTES).decode("utf-8", "replace")
        except OSError:
            continue
        found = re.search(r"^Version: *(\S{1,80})", head, re.MULTILINE)
        return found[1] if found else None
    return None


def _build(name: str, metadata: Path) -> str | None:
    """Return what torch was built for: its file says it where the version has no such tag."""
    if name != "torch":
        return None
    try:
        text = (metadata.parent / "torch" / "version.py").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None
    if cuda := _CUDA.search(text):
        return f"CUDA {cuda[1]}"
    if hip := _HIP.search(text):
        return f"ROCm {hip[1]}"
    return "CPU"


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
        version, implementation, prefix, search = answer
    except UnreadableError:
        raise
    except (OSError, ValueError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else "it answered otherwise"
        raise UnreadableError(f"{redact(str(path)).text} is no Python: {reason}") from error
    return Interpreter(
        version=str(version),
        implementation=str(implementation).lower(),
        executable=redact(str(path)).text,
        prefix=redact(str(prefix)).text,
        environment=_kind(Path(prefix)),
        packages=read_packages(Path(each) for each in search if each),
    )
