"""Folders, commands and files that were made to harm who checks them: a name and its maker each.

A maker gets an empty folder and returns what stands behind `firstmile check`; the work folder of
the command is that folder. Whoever would run what these hold leaves a file `was-run`.
"""

import gzip
import json
import os
import pickle
import socket
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

Maker = Callable[[Path], list[str]]
SERVE: Final = ["--", "vllm", "serve", "model"]
LLAMA: Final = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "vocab_size": 300,
}
TERMINAL: Final = "\x1b]0;owned\x07\x1b[2J\u202egnp.\r\n::error::\x9b31m"
LAUGHS: Final = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 10)}]\n"
    for before, name in zip("abcdefghijk", "bcdefghijkl", strict=True)
)


class Runs:
    """A pickle that runs a program where it is loaded."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch was-run",)


def model(place: Path, **files: str | bytes) -> Path:
    """Make the folder `model` with a config and files; `__` in a name is a dot."""
    folder = place / "model"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(LLAMA))
    for name, content in files.items():
        data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        (folder / name.replace("__", ".")).write_bytes(data)
    return folder


def _judged(**files: str | bytes) -> Maker:
    def make(place: Path) -> list[str]:
        model(place, **files)
        return SERVE

    return make


def _template(text: str) -> Maker:
    return _judged(tokenizer_config__json=json.dumps({"chat_template": text}))


def _file(name: str, text: str | bytes, *command: str) -> Maker:
    """A file that a command names."""

    def make(place: Path) -> list[str]:
        model(place)
        (place / name).write_bytes(text.encode() if isinstance(text, str) else text)
        return list(command)

    return make


def _header(stated: int, *, size: int = 0, content: bytes = b"{}") -> Maker:
    """A safetensors file that states a length and is as long as it says, with holes."""

    def make(place: Path) -> list[str]:
        with (model(place) / "model.safetensors").open("wb") as file:
            file.write(struct.pack("<Q", stated) + content)
            file.truncate(max(size, 8 + len(content)))
        return SERVE

    return make


def _spaces(place: Path) -> list[str]:
    with (model(place) / "model.safetensors").open("wb") as file:
        file.write(struct.pack("<Q", 99_000_002) + b"{" + b" " * 99_000_000 + b"}")
    return SERVE


def _many_tensors(place: Path) -> list[str]:
    one = '{"dtype":"I8","shape":[],"data_offsets":[0,0]}'
    text = "{" + ",".join(f'"{number}":{one}' for number in range(1_000_000)) + "}"
    model(place, model__safetensors=struct.pack("<Q", len(text)) + text.encode())
    return SERVE


def _gguf(*parts: bytes) -> Maker:
    return _judged(model__gguf=b"GGUF" + struct.pack("<I", 3) + b"".join(parts))


def _links(place: Path) -> list[str]:
    folder = model(place)
    (place / "secret.json").write_text('{"model_type": "a-secret-of-the-host"}')
    (folder / "config.json").unlink()
    (folder / "config.json").symlink_to(place / "secret.json")
    (folder / "up").symlink_to(place)
    (folder / "round").symlink_to("round")
    (folder / "self").symlink_to(".")
    (folder / "tokenizer.json").symlink_to("/proc/self/environ")
    (folder / "generation_config.json").symlink_to("/proc/kmsg")
    return SERVE


def _devices(place: Path) -> list[str]:
    folder = model(place)
    for name, kind in (("generation_config.json", 5), ("model.safetensors", 5), ("x.gguf", 8)):
        try:
            os.mknod(folder / name, 0o020600, os.makedev(1, kind))
        except PermissionError:
            (folder / name).symlink_to("/dev/zero")
    return SERVE


def _pipes(place: Path) -> list[str]:
    folder = model(place)
    (folder / "config.json").unlink()
    names = ("config.json", "tokenizer.json", "model.safetensors", "m.gguf", "m.bin", "m.py")
    for name in (*names, "tokenizer_config.json", "chat_template.jinja", "adapter_config.json"):
        os.mkfifo(folder / name)
    with socket.socket(socket.AF_UNIX) as heard:
        before = Path.cwd()
        os.chdir(folder)
        try:
            heard.bind("generation_config.json")
        finally:
            os.chdir(before)
    return SERVE


def _pipe_of_a_command(*command: str) -> Maker:
    def make(place: Path) -> list[str]:
        model(place)
        os.mkfifo(place / "pipe")
        return list(command)

    return make


def _pickles(place: Path) -> list[str]:
    folder = model(place)
    for protocol in range(6):
        (folder / f"{protocol}.pkl").write_bytes(pickle.dumps(Runs(), protocol))
    with zipfile.ZipFile(folder / "pytorch_model.bin", "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(Runs()))
    (folder / "training_args.bin").write_bytes(pickle.dumps(Runs()))
    (folder / "modeling_own.py").write_text("import os\nos.system('touch was-run')\n")
    (folder / "sitecustomize.py").write_text("import os\nos.system('touch was-run')\n")
    (folder / "torch.py").write_text("import os\nos.system('touch was-run')\n")
    return SERVE


def _names(place: Path) -> list[str]:
    folder = model(place)
    for ending in (".safetensors", ".json", ".py", ".bin", ".gguf"):
        (folder / (TERMINAL.replace("/", "") + ending)).write_bytes(b"\0" * 40)
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe.safetensors")).write_bytes(b"\0" * 40)
    config = {**LLAMA, "model_type": TERMINAL, "architectures": [TERMINAL], "torch_dtype": TERMINAL}
    (folder / "config.json").write_text(json.dumps(config))
    tokenizer = {"eos_token": TERMINAL, "tokenizer_class": TERMINAL, "chat_template": TERMINAL}
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer))
    return [*SERVE, "--" + TERMINAL, TERMINAL]


def _deep(place: Path) -> list[str]:
    """Folders deeper than Python's own clearing away goes, and than a path may be long."""
    at = os.open(model(place), os.O_RDONLY)
    for _ in range(2_500):
        os.mkdir("d", dir_fd=at)
        below = os.open("d", os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    os.close(at)
    return SERVE


def _many_files(place: Path) -> list[str]:
    folder = model(place)
    first = folder / "00000.safetensors"
    first.write_bytes(b"")
    for number in range(1, 30_000):
        os.link(first, folder / f"{number:05}.safetensors")
    return SERVE


def _index(place: Path) -> list[str]:
    shards = {f"w{number}": "../" * 40 + "etc/passwd" for number in range(200_000)}
    model(place, model__safetensors__index__json=json.dumps({"weight_map": shards}))
    return SERVE


def _pattern(place: Path) -> list[str]:
    """A tokenizer whose pattern needs exponential time on ordinary text."""
    split = {"type": "Split", "pattern": {"Regex": "(?:(?:[^~]+)+)+~"}, "behavior": "Isolated"}
    tree = {
        "version": "1.0",
        "added_tokens": [],
        "pre_tokenizer": {**split, "invert": False},
        "model": {"type": "BPE", "vocab": {"a": 0}, "merges": []},
    }
    model(place, tokenizer__json=json.dumps(tree))
    return SERVE


def _adapter(base: str) -> Maker:
    def make(place: Path) -> list[str]:
        told = {"peft_type": "LORA", "base_model_name_or_path": base, "r": 8}
        model(place, adapter_config__json=json.dumps(told))
        return SERVE

    return make


def _code(place: Path) -> list[str]:
    folder = model(place, modeling_deep__py="(" * 200_000, modeling_long__py="1+" * 200_000 + "1")
    (folder / "modeling_wide.py").write_text("from a import b\n" * 100_000)
    return SERVE


def _sourced(place: Path) -> list[str]:
    model(place)
    (place / "run.sh").write_text("source run.sh\nbash run.sh\n. ./run.sh\n" * 50)
    return ["--", "bash", "run.sh"]


def _snapshot(content: bytes) -> Maker:
    def make(place: Path) -> list[str]:
        (place / "s.json").write_bytes(content)
        return ["--snapshot", "s.json"]

    return make


def _deep_snapshot(place: Path) -> list[str]:
    text = '{"schema":1,"model":{"path":' + json.dumps(TERMINAL) + ',"kind":"transformers",'
    text += '"documents":{"config.json":{"path":"config.json","value":'
    (place / "s.json").write_text(text + '{"a":' * 300 + "1" + "}" * 304)
    return ["--snapshot", "s.json"]


def _accepted(content: str | bytes) -> Maker:
    return _file("firstmile.toml", content, "model")


def _accepted_from(place: Path) -> list[str]:
    model(place)
    (place / "firstmile.toml").symlink_to("/dev/zero")
    return ["model"]


HOSTILE: Final[Mapping[str, Maker]] = {
    "a header of 2**63 bytes": _header(2**63),
    "a header of 10 GB in a file of 12 GB": _header(10 * 10**9, size=12 * 10**9),
    "a header one byte longer than its file": _header(3),
    "a header of 99 MB of spaces": _spaces,
    "a header of a million tensors": _many_tensors,
    "a GGUF of 2**60 tensors": _gguf(struct.pack("<QQ", 2**60, 0)),
    "a GGUF text of 2**62 bytes": _gguf(struct.pack("<QQQ", 0, 1, 2**62)),
    "a GGUF array of arrays of arrays": _gguf(
        struct.pack("<QQQ", 0, 1, 1) + b"a" + struct.pack("<I", 9) + struct.pack("<IQ", 9, 1) * 9999
    ),
    "JSON of 100,000 levels": _judged(config__json='{"a":' + "[" * 100_000),
    "JSON with a number of a million digits": _judged(config__json='{"a":' + "9" * 10**6 + "}"),
    "JSON of three million keys": _judged(
        tokenizer_config__json="{" + ",".join(f'"{n}":1' for n in range(3_000_000)) + "}"
    ),
    "an index of 200,000 ways out": _index,
    "YAML that laughs a billion times": _file(
        "train.yaml", LAUGHS, "--", "axolotl", "train", "train.yaml"
    ),
    "YAML that merges itself": _file(
        "train.yaml", "a: &a\n  <<: *a\n", "--", "llamafactory-cli", "train", "train.yaml"
    ),
    "YAML that makes objects": _file(
        "train.yaml",
        "a: !!python/object/apply:os.system ['touch was-run']\n",
        *("--", "axolotl", "train", "train.yaml"),
    ),
    "YAML of 5,000 levels": _file(
        "compose.yaml", "a: " + "[" * 5_000, "--", "docker", "compose", "up"
    ),
    "a compose file that extends itself": _file(
        "compose.yaml",
        "services:\n  a:\n    extends: {file: compose.yaml, service: a}\n    image: vllm/vllm\n",
        *("--", "docker", "compose", "up"),
    ),
    "a DeepSpeed file of 100,000 levels": _file(
        "ds.json", "[" * 100_000, "--", "deepspeed", "train.py", "--deepspeed", "ds.json"
    ),
    "a script that runs itself": _sourced,
    "a command of a million characters": _file(
        "x", "", "--", "vllm", "serve", "model", "--chat-template", "{" * 100_000
    ),
    "a template that counts to a milliard": _template(
        "{% for i in range(10**9) %}{{ i }}{% endfor %}"
    ),
    "a template that counts in nests": _template(
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    ),
    "a template that grows to 10 GB": _template("{{ 'a' * 10**10 }}"),
    "a template that doubles itself": _template(
        "{% set n = namespace(t='aaaaaaaa') %}{% for i in range(60) %}"
        "{% set n.t = n.t + n.t %}{% endfor %}{{ n.t }}"
    ),
    "a template that calls itself": _template("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"),
    "a template of a number of a milliard digits": _template("{{ 9 ** 9 ** 9 }}"),
    "a template that leaves its sandbox": _template(
        "{{ ''.__class__.__mro__[1].__subclasses__() }}"
        "{{ cycler.__init__.__globals__.os.system('touch was-run') }}"
    ),
    "a template of 100,000 brackets": _template("{{ " + "(" * 100_000),
    "a pattern of exponential time": _pattern,
    "links that leave the folder or loop": _links,
    "device files": _devices,
    "pipes and a socket": _pipes,
    "pickles and code that would run": _pickles,
    "names that steer a terminal": _names,
    "2,500 folders within each other": _deep,
    "30,000 shards": _many_files,
    "an adapter on the root folder": _adapter("/"),
    "an adapter on itself": _adapter("."),
    "an adapter on the processes": _adapter("/proc/self/fd"),
    "code of 200,000 brackets": _code,
    "data from a pipe": _pipe_of_a_command(
        *("--", "trl", "sft", "--model_name_or_path", "model", "--dataset_name", "pipe")
    ),
    "a DeepSpeed file that is a pipe": _pipe_of_a_command(
        "--", "deepspeed", "train.py", "--deepspeed", "pipe"
    ),
    "a script that is a pipe": _pipe_of_a_command("--", "bash", "pipe"),
    "a snapshot that is a pipe": _pipe_of_a_command("--snapshot", "pipe"),
    "a snapshot that has no end": lambda place: ["--snapshot", "/dev/zero"],
    "a snapshot that is packed": _snapshot(gzip.compress(bytes(50_000_000))),
    "a snapshot of three million lists": _snapshot(b'{"a":[' + b"[]," * 3_000_000 + b"[]]}"),
    "a snapshot of 300 levels": _deep_snapshot,
    "suppressions that are a pipe": _pipe_of_a_command("model", "--config", "pipe"),
    "suppressions that have no end": _accepted_from,
    "suppressions of 50,000 levels": _accepted("a = " + "[" * 50_000),
    "suppressions of a name of 100,000 parts": _accepted("a." * 100_000 + "b = 1"),
    "suppressions of 20 MB": _accepted("# x\n" * 5_000_000),
    "suppressions that steer a terminal": _accepted(
        f"[[accept]]\ncheck = {json.dumps(TERMINAL)}\nreason = {json.dumps(TERMINAL)}\n"
    ),
}
