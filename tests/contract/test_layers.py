"""The house keeps its order: imports point down, and judging code neither reads nor prints."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import firstmile

ROOT = Path(firstmile.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))

LINES = (
    ("ui", "__main__"),
    ("study", "run", "lab"),
    ("diagnose", "check", "verify"),
    ("knowledge", "rendering"),
    ("findings",),
    ("taxonomy", "facts", "statistics"),
    ("redaction", "errors"),
)
"""From the top down; names on one line don't import each other (ARCHITECTURE, "The house")."""

LINE_OF = {name: line for line, names in enumerate(LINES) for name in names} | {"__main__": -1}

VAGUE = {"utils", "util", "common", "core", "helpers", "helper", "misc", "shared", "tools"}

JUDGING = (
    "check/changing/",
    "check/checks/",
    "check/memory/",
    "findings.py",
    "statistics/",
    "study/agreement/",
    "study/analyses/",
    "study/association.py",
    "study/breakdown.py",
    "study/clusters.py",
    "study/comparison.py",
    "study/contrasts.py",
    "study/counts.py",
    "study/crosstab.py",
    "study/estimates.py",
    "study/failures.py",
    "study/funnel.py",
    "study/judging.py",
    "study/planning.py",
    "study/profiles.py",
    "study/report.py",
    "study/screening/",
    "study/verdict_words.py",
)
"""Where data goes in and data comes out, and nothing else happens."""

OWN_FILES = ("study/judging.py",)
"""Judging modules that read the units that are packaged with them."""

IMPURE_MODULES = {
    "asyncio",
    "datetime",
    "http",
    "httpcore",
    "locale",
    "logging",
    "os",
    "pathlib",
    "platform",
    "random",
    "requests",
    "secrets",
    "shutil",
    "socket",
    "subprocess",
    "sys",
    "tempfile",
    "time",
    "urllib",
    "uuid",
}
IMPURE_CALLS = {"print", "open", "input", "exec", "eval", "compile", "__import__", "breakpoint"}
FILE_CALLS = {"read_text", "write_text", "read_bytes", "write_bytes"}
GLOBAL_RANDOMNESS = {"default_rng", "seed", "RandomState"}


def imports_of(tree: ast.AST, module: str) -> Iterator[tuple[int, str]]:
    """Yield line and full name of everything imported, wherever in the module it is."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                upward = module.split(".")[: -node.level]
                base = ".".join([*upward, *([base] if base else [])])
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}"


parsed = cache(ast.parse)
"""Each module is parsed once for all that is asked of it."""


def module_name(path: Path) -> str:
    return ".".join(("firstmile", *path.relative_to(ROOT).with_suffix("").parts))


def part_of(module: str) -> str:
    """Return the part of the house a module is in: 'study' for firstmile.study.counts."""
    pieces = module.split(".")
    return pieces[1] if len(pieces) > 1 else ""


def breaches(source: str, module: str) -> list[str]:
    """Return what in a module's imports points up, sideways or out of the house."""
    own = part_of(module)
    found = []
    for line, name in imports_of(parsed(source), module):
        pieces = name.split(".")
        if pieces[0] != "firstmile":
            continue
        # `import firstmile` and `from firstmile import __version__` give the version alone.
        if len(pieces) == 1 or pieces[1] == "__version__":
            continue
        other = pieces[1]
        if other not in LINE_OF:
            found.append(f"{module}:{line} imports {name}, which has no line in the house")
        elif other != own and LINE_OF[other] <= LINE_OF[own]:
            found.append(f"{module}:{line} imports {name}, which is not below {own}")
    return found


def test_imports_point_down_only() -> None:
    found = []
    for path in MODULES:
        if path != ROOT / "__init__.py":
            found += breaches(path.read_text(encoding="utf-8"), module_name(path))
    assert not found


def test_every_module_has_its_line_in_the_house() -> None:
    parts = {part_of(module_name(path)) for path in MODULES} - {"__init__"}
    assert parts <= set(LINE_OF)


def test_the_package_itself_imports_nothing_until_it_is_used() -> None:
    code = "import sys, firstmile; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path = {sys.path!r}; {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()} - sys.stdlib_module_names
    assert loaded - {"__main__"} == {"firstmile"}
    assert not [name for name in done.stdout.split() if name.startswith("firstmile.")]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("firstmile.taxonomy.terms", "from firstmile.findings import Finding"),
        ("firstmile.statistics.trend", "import firstmile.taxonomy"),
        ("firstmile.study.report", "def late():\n    from firstmile.ui import text"),
        (
            "firstmile.rendering.cells",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import firstmile.study",
        ),
        ("firstmile.study.report", "from firstmile import ui"),
        ("firstmile.statistics.trend", "from ..study import counts"),
        ("firstmile.study.report", "from firstmile.extras import more"),
    ],
)
def test_an_import_that_points_up_or_sideways_is_seen(module: str, source: str) -> None:
    assert breaches(source, module)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("firstmile.study.report", "import firstmile\nfrom firstmile import __version__"),
        ("firstmile.study.report", "from firstmile.study.counts import Counts"),
        ("firstmile.study.report", "from firstmile.rendering import inert\nimport numpy"),
        ("firstmile.study.report", "from . import counts"),
    ],
)
def test_an_import_that_points_down_or_stays_inside_is_no_breach(module: str, source: str) -> None:
    assert not breaches(source, module)


def test_no_module_has_a_name_that_says_nothing() -> None:
    names = {piece for path in MODULES for piece in path.relative_to(ROOT).with_suffix("").parts}
    assert not names & VAGUE


def impurities(source: str, *, reads_its_own: bool = False) -> list[str]:
    """Return each use of printing, files, network, clock, environment or shared randomness."""
    tree = parsed(source)
    found = []
    for line, name in imports_of(tree, ""):
        if name.split(".")[0] in IMPURE_MODULES:
            found.append(f"line {line}: imports {name}")
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id in IMPURE_CALLS:
            found.append(f"line {node.lineno}: calls {called.id}")
        elif isinstance(called, ast.Attribute):
            if called.attr in FILE_CALLS and not reads_its_own:
                found.append(f"line {node.lineno}: calls {ast.unparse(called)}")
            owner = ast.unparse(called.value)
            drawn = owner in ("np.random", "numpy.random") or called.attr in GLOBAL_RANDOMNESS
            if drawn and not (called.attr == "default_rng" and node.args):
                found.append(f"line {node.lineno}: draws from {ast.unparse(called)}")
    return found


def test_judging_code_neither_prints_nor_reads_nor_asks_the_clock() -> None:
    found = []
    for path in MODULES:
        name = path.relative_to(ROOT).as_posix()
        if name.startswith(JUDGING):
            source = path.read_text(encoding="utf-8")
            found += [
                f"{name}, {what}" for what in impurities(source, reads_its_own=name in OWN_FILES)
            ]
    assert not found


def test_the_list_of_judging_code_names_what_exists() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in MODULES}
    assert not [given for given in JUDGING if not any(name.startswith(given) for name in names)]


@pytest.mark.parametrize(
    "source",
    [
        "print('a')",
        "def f():\n    import time",
        "from datetime import date",
        "open('a')",
        "import numpy as np\nnp.random.default_rng()",
        "from urllib.request import urlopen",
        "import os",
        "Path('a').read_text()",
    ],
)
def test_impure_code_is_seen(source: str) -> None:
    assert impurities(source)


def test_only_the_front_ends_print() -> None:
    printing = [
        module_name(path)
        for path in MODULES
        if part_of(module_name(path)) != "ui"
        and any(
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "print"
            for node in ast.walk(parsed(path.read_text(encoding="utf-8")))
        )
    ]
    assert not printing


def test_every_module_opens_with_a_sentence() -> None:
    silent = [
        module_name(path)
        for path in MODULES
        if not (ast.get_docstring(parsed(path.read_text(encoding="utf-8"))) or "").strip()
    ]
    assert not silent


def test_no_module_outgrows_its_subject() -> None:
    """About 400 lines is the measure (ARCHITECTURE); a quarter more is tolerated."""
    long = {module_name(p): n for p in MODULES if (n := len(p.read_text().splitlines())) > 500}
    assert not long
