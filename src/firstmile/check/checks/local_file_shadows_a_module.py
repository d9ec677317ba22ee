"""No file of the working folder has the name of a module that the run imports.

Why: "python script.py" and "python -m" put a folder of yours first in the search path. A file
called torch.py, or one named like a module of Python itself (random.py, types.py, grp.py), is then
imported instead: "partially initialized module torch has no attribute", or an error deep inside
a library that nobody touched. A checkout of vLLM hides the installed one and its compiled part:
"No module named vllm._C".

Fix: rename the file and delete its __pycache__, or start from another folder.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import package_of
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.training_worlds import started_by
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    warned,
)
from firstmile.check.words_to_copy import file_word
from firstmile.check.worlds import world
from firstmile.facts.environment import Shadow
from firstmile.facts.search_path import MODULES
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome
from firstmile.redaction.rule import words

ABOUT: Final = About(
    symptom="loading/model/import-error",
    cause="environment/dependency-library",
    entries=("torch-lacks-a-function-that-transformers-uses",),
    references=("https://docs.python.org/3/library/sys_path_init.html",),
)

LOADED: Final = words(
    "argparse array ast asyncio base64 bisect calendar cmath colorsys concurrent configparser",
    "contextlib contextvars copy csv ctypes dataclasses datetime decimal difflib dis email enum",
    "filecmp fnmatch fractions getpass gettext glob grp gzip hashlib hmac html http importlib",
    "inspect ipaddress json linecache locale logging lzma mimetypes multiprocessing numbers",
    "operator pathlib pickle pickletools pkgutil platform pprint profile pstats pwd pydoc queue",
    "quopri random reprlib resource runpy secrets select selectors shlex shutil signal socket",
    "ssl statistics string struct subprocess sysconfig tarfile tempfile textwrap threading",
    "timeit token tokenize traceback types typing unicodedata unittest urllib uuid warnings",
    "weakref xml zipfile zoneinfo",
)
"""Modules of Python itself that importing torch and transformers loads (seen with torch 2.13 and
transformers 5.23); another one hidden does harm only where something else asks for it."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for shadows, and whether the command has the working folder in its search path."""
    environment = snapshot.environment
    if environment is None:
        return not_known("the working folder")
    reach = _reaches(intent)
    if reach is False:
        return does_not_apply("this command does not search the working folder for modules")
    shadows = [each for each in environment.shadows if not _is_editable(each, snapshot)]
    if not shadows:
        return passed("No file of the working folder hides a module.", seen("working folder: ."))
    shadows.sort(key=lambda one: not _is_loaded(one))
    first = shadows[0]
    say = failed if reach and _is_loaded(first) else warned
    return say(
        f"The file {first.file} in the working folder hides the module {first.module}.",
        *(seen(f"{each.file} hides {each.module}") for each in shadows[:6]),
        remedy=f"Rename {file_word(first.file)}, or start the command from another folder.",
    )


def _reaches(intent: Intent) -> bool | None:
    """Say whether a command searches the working folder; None where no command is known.

    A program that pip has put into `bin` (`vllm serve`) searches that folder instead, a script
    the one in which it lies.
    """
    if intent.command is None:
        return None
    script = intent.script
    return script is not None and (
        not script.endswith(".py") or "/" not in script.removeprefix("./")
    )


def _is_loaded(shadow: Shadow) -> bool:
    return shadow.module in LOADED or shadow.module in MODULES


def _is_editable(shadow: Shadow, snapshot: Snapshot) -> bool:
    package = package_of(snapshot, shadow.module.replace("_", "-"))
    return package is not None and package.editable


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(
        outcome: Outcome, command: str | None, *shadows: Shadow, editable: bool = False
    ) -> Example:
        made = computer(package("vllm", "0.9.0", editable=editable), shadows=shadows)
        return Example(
            outcome=outcome,
            snapshot=world(environment=made),
            intent=Intent(**started_by(command)) if command is not None else Intent(),
        )

    torch, vllm = Shadow(module="torch", file="torch.py"), Shadow(module="vllm", file="vllm")
    yield of(Outcome.PASS, "python train.py")
    yield of(Outcome.FAIL, "python train.py", torch)
    yield of(Outcome.FAIL, "python -m vllm.entrypoints.openai.api_server --model m", vllm)
    yield of(Outcome.PASS, "python -m vllm.entrypoints.openai.api_server", vllm, editable=True)
    yield of(Outcome.FAIL, "python train.py", Shadow(module="grp", file="grp.py"))
    yield of(Outcome.WARN, "python train.py", Shadow(module="turtle", file="turtle.py"))
    yield of(Outcome.WARN, None, torch)
    yield of(Outcome.SKIP, "vllm serve m", torch)
    yield of(Outcome.SKIP, "python scripts/train.py", torch)
