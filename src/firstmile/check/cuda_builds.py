"""Which drivers and devices a build of torch works with: tables, each beside its source."""

from typing import Final

import msgspec

from firstmile.check.releases import key_of, local_of, release_of
from firstmile.facts.environment import Package
from firstmile.facts.whole_numbers import whole_number
from firstmile.redaction.rule import words

OLDEST_DRIVERS: Final[dict[int, tuple[str, str]]] = {
    11: ("450.80.02", "452.39"),
    12: ("525.60.13", "528.33"),
    13: ("580.65.06", "580"),
}
"""Oldest driver under Linux and Windows for all releases of a major CUDA ("minor version
compatibility"), from https://docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html
and https://docs.nvidia.com/cuda/cuda-toolkit-release-notes/index.html, tables 2 and 3."""

Capability = tuple[int, int]

_Release = tuple[int, int]

_NARROWEST: Final[tuple[tuple[_Release, _Release, _Release, _Release, Capability], ...]] = (
    # CUDA's first and last release, torch's first and last, oldest capability.
    ((11, 0), (11, 8), (1, 0), (2, 1), (3, 7)),
    ((11, 0), (11, 8), (2, 2), (2, 99), (5, 0)),
    ((12, 0), (12, 6), (2, 0), (2, 99), (5, 0)),
    ((12, 8), (12, 8), (2, 7), (2, 7), (7, 5)),
    ((12, 8), (12, 9), (2, 8), (2, 10), (7, 0)),
    ((12, 8), (12, 8), (2, 11), (2, 99), (7, 5)),
    ((13, 0), (13, 99), (2, 9), (2, 99), (7, 5)),
)
"""Oldest compute capability that the wheels of pytorch.org and PyPI hold code for (x86_64), from
https://github.com/pytorch/pytorch/blob/main/.ci/manywheel/build_cuda.sh and
https://github.com/pytorch/pytorch/issues/157517 (2.8, 2.9), /issues/172352 (2.11)."""

_NEWEST: Final[tuple[tuple[tuple[int, int], int], ...]] = (
    # From this CUDA on, newest major capability.
    ((12, 8), 12),
    ((11, 8), 9),
    ((11, 0), 8),
)
"""Code of a major capability runs on all later minors of it, on no later major; from the same
sources. 10 and 12 (Blackwell) came with CUDA 12.8, 9 (Hopper) with 11.8."""

ROCM_DEVICES: Final = words(
    "gfx900 gfx906 gfx908 gfx90a gfx942 gfx950 gfx1030 gfx1100 gfx1101 gfx1102 gfx1103",
    "gfx1150 gfx1151 gfx1200 gfx1201",
)
"""Devices that some ROCm wheel of torch holds code for, from
https://github.com/pytorch/pytorch/blob/main/.ci/docker/manywheel/build.sh"""

ROCM_STAND_INS: Final = {
    "gfx1031": "10.3.0",
    "gfx1032": "10.3.0",
    "gfx1034": "10.3.0",
    "gfx1035": "10.3.0",
    "gfx1036": "10.3.0",
}
"""Devices of RDNA 2 that run the code of gfx1030, and what HSA_OVERRIDE_GFX_VERSION is set to."""


class Build(msgspec.Struct, frozen=True, kw_only=True):
    """What torch was built for: "CUDA", "ROCm", "CPU" or "XPU", and the release of it."""

    kind: str
    release: str | None

    def __str__(self) -> str:
        return f"{self.kind} {self.release}" if self.release else self.kind


def build_of(torch: Package) -> Build | None:
    """Return what torch was built for, as its file or else its version says; None where neither.

    A build by NVIDIA for its own containers ("nv") is not told apart further.
    """
    for said in (torch.build, local_of(torch.version)):
        made = _read_build(said or "")
        if made is not None:
            return made
    return None


def _read_build(said: str) -> Build | None:
    folded = said.lower().strip()
    for prefix, kind in (("cuda", "CUDA"), ("rocm", "ROCm"), ("cu", "CUDA"), ("xpu", "XPU")):
        if folded.startswith(prefix):
            number = folded.removeprefix(prefix).strip()
            if number.isdigit() and len(number) > 2:
                number = f"{number[:2]}.{number[2:]}"
            return Build(kind=kind, release=number or None)
    return Build(kind="CPU", release=None) if folded.startswith("cpu") else None


def is_wheel_of_pytorch(torch: Package, environment: str | None) -> bool:
    """Say whether the tables hold for a torch: a release, neither conda's nor NVIDIA's."""
    local = local_of(torch.version) or ""
    key = key_of(torch.version)
    plain = key is not None and not any(mark in local for mark in ("nv", "git", "."))
    return plain and (environment != "conda" or bool(local))


def oldest_capability(torch: Package, release: str) -> Capability | None:
    """Return the oldest capability that a torch for a CUDA release has code for, if known."""
    version, cuda = release_of(torch.version), release_of(release)
    if version is None or cuda is None:
        return None
    return next(
        (
            oldest
            for begin, end, first, last, oldest in _NARROWEST
            if begin <= cuda <= end and first <= version <= last
        ),
        None,
    )


def newest_major(release: str) -> int | None:
    """Return the newest major capability that builds for a CUDA release have code for."""
    cuda = release_of(release)
    return next((most for first, most in _NEWEST if cuda is not None and cuda >= first), None)


def capability_of(text: str | None) -> Capability | None:
    """Return a compute capability of NVIDIA from "8.6"; None for anything else."""
    parts = (text or "").split(".")
    numbers = [whole_number(part) for part in parts[:3]]
    if len(numbers) != 2 or numbers[0] is None or numbers[1] is None:
        return None
    return numbers[0], numbers[1]
