"""Names that installed libraries know, such as model types: read from their source as text."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from firstmile.facts.environment import KnownNames

_MOST_BYTES: Final = 1024 * 1024
_MOST_NAMES: Final = 3000
_MOST_FILES: Final = 600
_LONGEST: Final = 80
_CONFIG: Final = re.compile(r"""["']([\w.-]{1,80})["']\s*[,:]\s*["']\w{1,80}Config["']""")
_TOKENIZER: Final = re.compile(r"""["'](\w{1,80}(?:Tokenizer|TokenizerFast|Backend))["']""")
_QUANTIZATION: Final = re.compile(r"""^\s{4,8}["']([\w-]{1,40})["']: *\w{1,60}Config\b""", re.M)
_ARCHITECTURE: Final = re.compile(r"""^\s{4,8}["'](\w{1,80})["']: *\(""", re.MULTILINE)
_REGISTERED: Final = re.compile(
    r"""^\s{4,8}(?:["']?([\w.-]{1,60})["']? *[:=] *|\*\*\{["']([\w.-]{1,60})["']: *)"""
    r"""["']?\w{1,60}Config["']?[},]""",
    re.MULTILINE,
)
_FIELD: Final = re.compile(r"^    ([a-z]\w{1,60}) *: *[^=\n]", re.MULTILINE)
_ENTRY: Final = re.compile(r"^EntryClass *= *(\[[^\]]{0,2000}\]|\w{1,80})", re.MULTILINE)
_WORD: Final = re.compile(r"[A-Za-z]\w*")


def read_library_names(folders: Iterable[Path]) -> tuple[KnownNames, ...]:
    """Return the names that the first of each library in the folders knows."""
    places = tuple(dict.fromkeys(folders))
    found = []
    for package, kind, read in _READERS:
        place = next((each / package for each in places if (each / package).is_dir()), None)
        if place is None:
            continue
        names = tuple(sorted({name for name in read(place) if len(name) <= _LONGEST}))
        if names:
            found.append(KnownNames(package=package, kind=kind, names=names[:_MOST_NAMES]))
    return tuple(found)


def _model_types(package: Path) -> Iterator[str]:
    """Yield keys of the table of configs: its own file since transformers 5."""
    for name in ("configuration_auto.py", "auto_mappings.py"):
        yield from _CONFIG.findall(_text(package / "models" / "auto" / name))


def _tokenizers(package: Path) -> Iterator[str]:
    yield from _TOKENIZER.findall(_text(package / "models" / "auto" / "tokenization_auto.py"))


def _quantization(package: Path) -> Iterator[str]:
    yield from _QUANTIZATION.findall(_text(package / "quantizers" / "auto.py"))


def _training_arguments(package: Path) -> Iterator[str]:
    _, _, body = _text(package / "training_args.py").partition("class TrainingArguments")
    yield from _FIELD.findall(body)


def _sft_arguments(package: Path) -> Iterator[str]:
    for name in ("base_config.py", "sft_config.py"):
        text = _text(package / "trainer" / name)
        for place in re.finditer(r"^class \w+Config\b", text, re.MULTILINE):
            yield from _FIELD.findall(text[place.end() :])


def _architectures_of_vllm(package: Path) -> Iterator[str]:
    yield from _ARCHITECTURE.findall(_text(package / "model_executor" / "models" / "registry.py"))


def _model_types_of_vllm(package: Path) -> Iterator[str]:
    text = _text(package / "transformers_utils" / "config.py")
    _, _, body = text.partition("_CONFIG_REGISTRY")
    for plain, starred in _REGISTERED.findall(body.partition("\n\n\n")[0]):
        yield plain or starred


def _quantization_of_vllm(package: Path) -> Iterator[str]:
    place = package / "model_executor" / "layers" / "quantization" / "__init__.py"
    text = _text(place)
    listed = re.search(r"Quantization\w{0,10} *= *Literal\[([^\]]{1,4000})\]", text)
    if listed:
        yield from re.findall(r"""["']([\w.-]{1,40})["']""", listed[1])
    else:
        yield from _QUANTIZATION.findall(text)


def _architectures_of_sglang(package: Path) -> Iterator[str]:
    """Yield the classes that each file of models offers, named in its last lines."""
    try:
        with os.scandir(package / "srt" / "models") as listed:
            names = sorted(each.name for each in listed if each.name.endswith(".py"))
    except OSError:
        return
    for name in names[:_MOST_FILES]:
        for said in _ENTRY.findall(_text(package / "srt" / "models" / name, last=4096)):
            yield from _WORD.findall(said)


_READERS: Final[tuple[tuple[str, str, Callable[[Path], Iterator[str]]], ...]] = (
    ("transformers", "model types", _model_types),
    ("transformers", "tokenizer classes", _tokenizers),
    ("transformers", "quantization methods", _quantization),
    ("transformers", "training arguments", _training_arguments),
    ("trl", "training arguments", _sft_arguments),
    ("vllm", "architectures", _architectures_of_vllm),
    ("vllm", "model types", _model_types_of_vllm),
    ("vllm", "quantization methods", _quantization_of_vllm),
    ("sglang", "architectures", _architectures_of_sglang),
)


def _text(path: Path, *, last: int | None = None) -> str:
    """Return a file's text, or its last bytes alone; empty where it cannot be read."""
    try:
        with path.open("rb") as file:
            if last is not None:
                file.seek(max(path.stat().st_size - last, 0))
            return file.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
