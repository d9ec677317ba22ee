"""Small snapshots for the examples of checks: a machine and a folder that state what they need."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from firstmile.facts.environment import (
    Cgroup,
    Cuda,
    Environment,
    Folder,
    Gpu,
    Interpreter,
    Limit,
    Memory,
    NotKnown,
    Package,
    Processor,
    System,
    Variable,
)
from firstmile.facts.model_folder.folder import Document, File, ModelFolder, Shard, Tensor
from firstmile.facts.sizes import GIB
from firstmile.facts.snapshot import Snapshot

_BITS: Final = {"F64": 64, "F32": 32, "BF16": 16, "F16": 16, "F8_E4M3": 8, "I8": 8, "U8": 8}
_BITS_OF_INTEGERS: Final = {"I64": 64, "I32": 32, "BOOL": 8}

LLAMA: Final[Mapping[str, Any]] = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "vocab_size": 128256,
    "max_position_embeddings": 8192,
    "rope_theta": 500000.0,
    "tie_word_embeddings": False,
    "torch_dtype": "bfloat16",
    "bos_token_id": 128000,
    "eos_token_id": 128001,
}
"""A config as models of Llama 3's 8B size state it."""


def gpu(
    name: str = "NVIDIA A100-SXM4-80GB",
    gib: float = 80,
    capability: str = "8.0",
    *,
    index: int = 0,
    driver: str = "550.54.15",
    used_gib: float = 0,
    vendor: str = "NVIDIA",
) -> Gpu:
    """Return an accelerator."""
    return Gpu(
        index=index,
        vendor=vendor,
        name=name,
        memory_total_bytes=int(gib * GIB),
        memory_used_bytes=int(used_gib * GIB),
        compute_capability=capability,
        driver=driver,
    )


def machine(
    *,
    gpus: Sequence[Gpu] = (),
    packages: Mapping[str, str] | None = None,
    python: str = "3.11.9",
    system: str = "Linux",
    architecture: str = "x86_64",
    libc: str | None = "glibc 2.36",
    wsl: int | None = None,
    container: str | None = None,
    cuda: Cuda | None = None,
    memory_gib: float | None = 64,
    cgroup: Cgroup | None = None,
    flags: Sequence[str] = ("avx2", "fma", "f16c"),
    cores: int = 8,
    variables: Mapping[str, str] | None = None,
    folders: Sequence[Folder] = (),
    limits: Sequence[Limit] = (),
    not_known: Mapping[str, str] | None = None,
) -> Environment:
    """Return a machine; a package's version may carry its build ("2.6.0+cu124")."""
    driver = next((each.driver for each in gpus if each.vendor == "NVIDIA"), None)
    if cuda is None and driver is not None:
        cuda = Cuda(driver=driver, driver_supports="12.4", toolkit=None, toolkit_path=None)
    return Environment(
        collected="2026-01-01T00:00:00Z",
        firstmile="0",
        system=System(
            name=system,
            release=None,
            kernel=None,
            machine=architecture,
            libc=libc,
            wsl=wsl,
            container=container,
        ),
        cgroup=cgroup,
        limits=tuple(limits),
        processor=Processor(model=None, cores=cores, usable=cores, flags=tuple(flags)),
        memory=None
        if memory_gib is None
        else Memory(
            total_bytes=int(memory_gib * GIB),
            available_bytes=int(memory_gib * GIB * 0.9),
            swap_total_bytes=0,
            swap_free_bytes=0,
        ),
        folders=tuple(folders),
        gpus=tuple(gpus),
        cuda=cuda,
        python=Interpreter(
            version=python,
            implementation="CPython",
            executable="/usr/bin/python3",
            prefix="/usr",
            environment="venv",
            packages=tuple(_package(*each) for each in sorted((packages or {}).items())),
        ),
        variables=tuple(
            Variable(name=key, value=value) for key, value in (variables or {}).items()
        ),
        not_known=tuple(
            NotKnown(what=what, reason=reason) for what, reason in (not_known or {}).items()
        ),
    )


def _package(name: str, version: str) -> Package:
    build = version.partition("+")[2] or None
    return Package(name=name, version=version, build=build)


def folder(
    *,
    config: Mapping[str, Any] | None = None,
    documents: Mapping[str, Mapping[str, Any]] | None = None,
    files: Sequence[File] = (),
    shards: Sequence[Shard] = (),
    kind: str = "transformers",
    **parts: Any,
) -> ModelFolder:
    """Return a model folder; `config` is `config.json`, `parts` are fields of ModelFolder."""
    trees = {**({"config.json": config} if config is not None else {}), **(documents or {})}
    known = {file.path for file in files}
    listed = [
        *files,
        *(file(path, 1000, looks="json") for path in trees if path not in known),
        *(file(each.path, each.size_bytes, looks="safetensors") for each in shards),
    ]
    return ModelFolder(
        path="model",
        kind=kind,
        files=tuple(sorted(listed, key=lambda one: one.path)),
        documents={path: Document(path=path, value=value) for path, value in trees.items()},
        shards=tuple(shards),
        **parts,
    )


def file(path: str, size: int = 1000, *, kind: str = "file", looks: str = "other") -> File:
    """Return a file of a folder."""
    return File(path=path, size_bytes=size, kind=kind, looks=looks)


def shard(
    tensors: Mapping[str, tuple[str, Sequence[int]]],
    *,
    path: str = "model.safetensors",
    size: int | None = None,
    problem: str | None = None,
) -> Shard:
    """Return a shard of tensors by name, number type and shape, laid one after the other."""
    laid = []
    at = 0
    bits = _BITS | _BITS_OF_INTEGERS
    for name, (dtype, shape) in tensors.items():
        count = 1
        for width in shape:
            count *= width
        end = at + count * bits[dtype] // 8
        laid.append(Tensor(name, dtype, tuple(shape), at, end))
        at = end
    return Shard(
        path=path,
        size_bytes=1000 + at if size is None else size,
        header_bytes=1000,
        tensors=tuple(laid),
        problem=problem,
    )


def world(
    model: ModelFolder | None = None,
    environment: Environment | None = None,
    *,
    base: ModelFolder | None = None,
    others: Sequence[Environment] = (),
) -> Snapshot:
    """Return a snapshot of what is given."""
    return Snapshot(environment=environment, model=model, base=base, others=tuple(others))
