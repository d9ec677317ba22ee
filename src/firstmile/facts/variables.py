"""Environment variables that change how models run; secrets and hosts never show."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from firstmile.facts.environment import Variable
from firstmile.facts.machine import Machine
from firstmile.redaction import owners, redact, without_owners
from firstmile.redaction.rule import words

NAMES: Final = words(
    "ACCELERATE_USE_DEEPSPEED ACCELERATE_USE_FSDP BNB_CUDA_VERSION CONDA_DEFAULT_ENV CONDA_PREFIX",
    "FORCE_TORCHRUN",
    "GPU_DEVICE_ORDINAL HF_DATASETS_CACHE HF_DATASETS_OFFLINE HF_ENDPOINT HF_HOME HF_HUB_CACHE",
    "HF_HUB_DISABLE_XET HF_HUB_DOWNLOAD_TIMEOUT HF_HUB_ENABLE_HF_TRANSFER HF_HUB_OFFLINE HF_TOKEN",
    "HF_XET_HIGH_PERFORMANCE HUGGINGFACE_HUB_CACHE HUGGING_FACE_HUB_TOKEN LANG LC_ALL",
    "LD_LIBRARY_PATH LD_PRELOAD LOCAL_RANK LOCAL_WORLD_SIZE MASTER_ADDR MASTER_PORT MAX_JOBS",
    "NODE_RANK NVIDIA_DRIVER_CAPABILITIES NVIDIA_VISIBLE_DEVICES PYTHONNOUSERSITE PYTHONPATH",
    "PYTHONUNBUFFERED RANK RAYON_NUM_THREADS TMPDIR TOKENIZERS_PARALLELISM TRANSFORMERS_CACHE",
    "TRANSFORMERS_OFFLINE VIRTUAL_ENV WORLD_SIZE XDG_CACHE_HOME",
    "BNB_ROCM_VERSION CC CXX ROCM_HOME ROCM_PATH USE_TF USE_TORCH",
    "HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY http_proxy https_proxy all_proxy no_proxy",
    "REQUESTS_CA_BUNDLE SSL_CERT_FILE CURL_CA_BUNDLE",
    "SLURM_CPUS_PER_TASK SLURM_GPUS SLURM_GPUS_ON_NODE SLURM_JOB_NUM_NODES SLURM_LOCALID",
    "SLURM_MEM_PER_CPU SLURM_MEM_PER_NODE SLURM_NNODES SLURM_NTASKS SLURM_PROCID",
)
PREFIXES: Final = (
    "CUDA_",
    "CUBLAS_",
    "DS_",
    "GGML_",
    "GLOO_",
    "HIP_",
    "HSA_",
    "KMP_",
    "LLAMA_ARG_",
    "MKL_",
    "NCCL_",
    "OLLAMA_",
    "OMP_",
    "OPENBLAS_",
    "PYTORCH_",
    "RCCL_",
    "ROCR_",
    "SGLANG_",
    "TORCH",
    "TRITON_",
    "UCX_",
    "VLLM_",
    "WANDB_",
)
PLACES: Final = words(
    "CC CXX CUDA_HOME CUDA_PATH ROCM_HOME ROCM_PATH",
    "REQUESTS_CA_BUNDLE SSL_CERT_FILE CURL_CA_BUNDLE",
)
"""Variables that name a file or folder which has to be there; compilers are programs as well."""

SET: Final = "<set>"
"""What is shown of a value that is nobody's business."""

_SECRET: Final = words(
    "API AUTH CERT CREDENTIAL CREDENTIALS KEY KEYS PASS PASSWD PASSWORD PROXY SECRET TOKEN"
)
_HOST: Final = words("ADDR ADDRESS ENDPOINT HOST HOSTS IP NODELIST URL URI")
_OPEN_HOSTS: Final = re.compile(
    r"(?:https?://)?(?:localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[?::1?\]?"
    r"|huggingface\.co|hf-mirror\.com)(?::\d+)?/?"
)
_RANDOM: Final = re.compile(r"[A-Za-z0-9+_-]{24,}={0,2}")
_LONGEST: Final = 400
_SCHEMES: Final = frozenset(("http", "https", "socks", "socks4", "socks4a", "socks5", "socks5h"))


def read_variables(machine: Machine) -> tuple[Variable, ...]:
    """Return the variables that matter in the order of their names."""
    return tuple(sorted(_known(machine), key=lambda one: one.name))


def _known(machine: Machine) -> Iterator[Variable]:
    accounts = owners(machine.variables)
    for name, value in machine.variables.items():
        if name in NAMES or name.startswith(PREFIXES):
            yield Variable(
                name=name,
                value=without_owners(_shown(name, value), accounts)[:_LONGEST],
                exists=_exists(name, value, machine),
                detail=_detail(name, value),
            )


def _exists(name: str, value: str, machine: Machine) -> bool | None:
    """Say whether what a variable names is there; None for one that names no place."""
    if name not in PLACES or not value:
        return None
    if name in ("CC", "CXX"):
        return machine.program(value.split()[0]) is not None if value.split() else None
    try:
        return Path(value).exists()
    except OSError:
        return None


def _detail(name: str, value: str) -> str | None:
    """Return of a proxy's address its scheme, and of those past it whether we are among them."""
    folded = name.lower()
    if folded == "no_proxy":
        hosts = {each.strip().lower() for each in value.split(",")}
        return "localhost" if hosts & {"localhost", "127.0.0.1", "*"} else "not localhost"
    if folded in ("http_proxy", "https_proxy", "all_proxy") and value:
        scheme = value.partition("://")[0].lower() if "://" in value else ""
        return scheme if scheme in _SCHEMES else "other"
    return None


def _shown(name: str, value: str) -> str:
    """Return what may be seen of a value.

    By the words of its name a variable is a secret or a host; beyond that, redaction finds
    what looks like either, and a long run of letters and digits is taken for a secret. What is
    shown may still name the account whose variables these are.
    """
    if not value:
        return ""
    parts = set(name.upper().split("_"))
    if parts & _SECRET:
        return SET
    if parts & _HOST and not _OPEN_HOSTS.fullmatch(value):
        return SET
    if _RANDOM.search(value) and any(map(str.isdigit, value)) and "/" not in value:
        return SET
    return redact(value).text
