"""Healthy runs: every public function of a module here is one, named as its log."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping

from firstmile.lab.workbench import Workbench


def find_healthy() -> Mapping[str, Callable[[Workbench], None]]:
    """Find every healthy run, in order of names."""
    found = {}
    for item in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{item.name}")
        for name, value in vars(module).items():
            own = inspect.isfunction(value) and value.__module__ == module.__name__
            if own and not name.startswith("_"):
                found[name.replace("_", "-")] = value
    return dict(sorted(found.items()))


NEEDS: Mapping[str, tuple[str, ...]] = {"generating-with-llama-cpp": ("llama_cpp",)}
"""Modules without which a healthy run cannot be made."""
