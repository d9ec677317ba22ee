"""The workbench: small models, tokenizers, ranks and limits that a run of the lab has at hand."""

import ctypes
import json
import os
import resource
import runpy
import shutil
import socket
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from firstmile.lab import small_models

_NONE: Final[Mapping[str, str]] = {}


_HIDING: Final = """\
from importlib.machinery import PathFinder

found = PathFinder.find_spec


def find_spec(name, path=None, target=None):
    return None if name.split('.')[0] in {names} else found(name, path, target)


PathFinder.find_spec = staticmethod(find_spec)
"""


@dataclass(frozen=True, slots=True)
class Workbench:
    """What a run has at hand: an empty folder of its own, and stored small models to copy."""

    folder: Path
    store: Path

    def say(self, text: object) -> None:
        """Write what a user's script would print."""
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    def model(self, kind: str = "llama", name: str = "model") -> Path:
        """Put a small model with its tokenizer into the folder and return its path."""
        return Path(shutil.copytree(self.store / kind, self.folder / name))

    def loaded(self, kind: str = "llama", **options: Any) -> tuple[Any, Any]:
        """Return a small model and its tokenizer, ready to use."""
        self.model(kind, name=f"{kind}-ready")
        return self.reloaded(kind, **options), self.tokenizer(kind)

    def reloaded(self, kind: str = "llama", **options: Any) -> Any:
        """Return the model of `loaded` once more, with the weights that it had at first."""
        from firstmile.lab.libraries import transformers

        folder = self.folder / f"{kind}-ready"
        return transformers.AutoModelForCausalLM.from_pretrained(folder, **options)

    def tokenizer(self, kind: str = "llama") -> Any:
        """Return the tokenizer of `loaded`."""
        from firstmile.lab.libraries import transformers

        return transformers.AutoTokenizer.from_pretrained(self.folder / f"{kind}-ready")

    @contextmanager
    def edited(self, file: Path) -> Iterator[dict[str, Any]]:
        """Change a JSON file in place."""
        held = json.loads(file.read_text(encoding="utf-8"))
        yield held
        file.write_text(json.dumps(held, indent=2), encoding="utf-8")

    def put_pointer(self, file: Path, *, size: int) -> None:
        """Write the pointer that Git LFS leaves in the place of a file of `size` bytes."""
        file.write_text(
            "version https://git-lfs.github.com/spec/v1\n"
            f"oid sha256:{'4d7a214614ab2935c943f9e0ff69d22e' * 2}\nsize {size}\n"
        )

    def rows(self, count: int = 8) -> list[str]:
        """Return some lines of text to train on."""
        words = small_models.TEXTS
        return [words[place % len(words)] for place in range(count)]

    def limit_memory(self, more_mib: int) -> None:
        """Allow this process that much address space beyond what it has now."""
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        most = pages * resource.getpagesize() + more_mib * 1024**2
        resource.setrlimit(resource.RLIMIT_AS, (most, most))

    def script(self, source: str, name: str = "script.py") -> None:
        """Write a script into the folder and run it as the main program."""
        file = self.folder / name
        file.write_text(source, encoding="utf-8")
        runpy.run_path(str(file), run_name="__main__")

    def fresh(self, source: str, *, hidden: Sequence[str] = (), **settings: str) -> None:
        """Run a script in a new interpreter, whose libraries read the environment anew.

        Those of `hidden` look there as if they were not installed.
        """
        file = self.folder / "script.py"
        file.write_text(source, encoding="utf-8")
        if hidden:
            place = self.folder / ".hidden"
            place.mkdir()
            (place / "sitecustomize.py").write_text(_HIDING.format(names=tuple(hidden)))
            settings["PYTHONPATH"] = f"{place}:{os.environ.get('PYTHONPATH', '')}"
        sys.stdout.flush()
        ended = subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, file], env={**os.environ, **settings}, check=False
        )
        if ended.returncode < 0:
            os.kill(os.getpid(), -ended.returncode)
        sys.exit(ended.returncode)

    def without_root_power(self) -> None:
        """Let file permissions hold for root, too, in what this process starts."""
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP

    def mount(self, folder: Path, *, kib: int) -> None:
        """Put a file system of some kilobytes at a folder, which only this process sees."""
        libc = ctypes.CDLL(None, use_errno=True)
        folder.mkdir()
        privately = 0x4000 | 0x40000  # MS_REC | MS_PRIVATE
        steps = (
            libc.unshare(0x20000),  # CLONE_NEWNS
            libc.mount(b"none", b"/", None, privately, None),
            libc.mount(b"tmpfs", bytes(folder), b"tmpfs", 0, f"size={kib}k".encode()),
        )
        if any(steps):
            raise OSError(ctypes.get_errno(), "a file system cannot be mounted here")

    def free_port(self) -> int:
        """Return a port that nothing listens on."""
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            return int(taken.getsockname()[1])

    def ranks(
        self,
        count: int,
        work: Callable[[int], None],
        *,
        port: int | None = None,
        settings: Mapping[str, str] = _NONE,
    ) -> None:
        """Run ranks of one job as processes of their own, and end as badly as the worst did."""
        port = port or self.free_port()
        started = []
        sys.stdout.flush()
        sys.stderr.flush()
        for rank in range(count):
            child = os.fork()
            if child == 0:
                os.environ.update(
                    RANK=str(rank),
                    LOCAL_RANK=str(rank),
                    WORLD_SIZE=str(count),
                    MASTER_ADDR="127.0.0.1",
                    MASTER_PORT=str(port),
                    **settings,
                )
                leave_with(partial(work, rank))
            started.append(child)
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in started]
        if any(codes):
            sys.exit(next(code for code in codes if code) & 127)


def leave_with(work: Callable[[], None]) -> None:
    """Do some work and end the process as Python does: a traceback, and exit status 1.

    Frames of the lab itself above those of the run are left out.
    """
    status = 0
    try:
        work()
    except SystemExit as ending:
        status = ending.code if isinstance(ending.code, int) else int(ending.code is not None)
        if isinstance(ending.code, str):
            sys.stderr.write(f"{ending.code}\n")
    except BaseException as error:
        shown = error.__traceback__
        own = (__file__, str(Path(__file__).with_name("fork_server.py")))
        while shown is not None and shown.tb_next is not None:
            if shown.tb_frame.f_code.co_filename not in own:
                break
            shown = shown.tb_next
        try:
            sys.excepthook(type(error), error.with_traceback(shown), shown)
        except BaseException:
            traceback.print_exc()
        status = 130 if isinstance(error, KeyboardInterrupt) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
