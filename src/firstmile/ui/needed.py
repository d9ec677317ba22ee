"""Which packages each extra brings, and the sentence that names a missing one."""

from importlib.util import find_spec
from typing import Final

from firstmile.errors import UserError, pip_install

PACKAGES: Final = {
    "study": (
        "numpy",
        "scipy",
        "msgspec",
        "pyarrow",
        "jinja2",
        "vl_convert",
        "httpcore",
        "certifi",
    ),
    "collect": ("filelock", "httpx", "isal"),
    "screen": ("sklearn",),
    "serve": ("starlette", "uvicorn", "markdown_it"),
}
"""Modules by extra; every extra brings those of `study`, and the last two those of `collect`."""

INSIDE: Final = {
    "study": ("study",),
    "collect": ("study", "collect"),
    "screen": ("study", "collect", "screen"),
    "serve": ("study", "collect", "serve"),
}


def is_installed(extra: str) -> bool:
    """Whether what an extra brings is installed."""
    return all(find_spec(module) for part in INSIDE[extra] for module in PACKAGES[part])


def require(extra: str) -> None:
    """Check that what an extra brings is installed; raises UserError naming the extra."""
    modules = [module for part in INSIDE[extra] for module in PACKAGES[part]]
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        raise UserError(
            f"This needs packages that are not installed ({', '.join(missing)}): "
            f"{pip_install(extra)}."
        )
