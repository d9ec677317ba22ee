"""Worker processes that turn specifications into SVG, PNG, PDF and the page's script.

The converter holds Python's lock while it works, so only processes make use of several cores.
Started early, they load while the analyses still run. A worker is this module run as a program:
it reads one job a line as JSON and answers each with one line.
"""

import base64
import contextlib
import json
import os
import queue
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

from firstmile.errors import UserError, pip_install

_PIXELS_PER_UNIT: Final = 2.0
_MOST_WORKERS: Final = 4
_SCRIPT: Final = "window.vegaEmbed=vegaEmbed;"
_NO_FONTS: Final = Path(__file__).with_name("no-fonts.conf")
_FONT_FOLDERS: Final = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "C:/Windows/Fonts",
)
_BUILT_IN: Final = re.compile(r"[\u0000-\u05ff\u1e00-\u24ff\u25a0-\u25ff]*")
"""The scripts that the converter's own font covers: Latin, Greek, Cyrillic, Hebrew, signs."""


class Converter:
    """Worker processes for as long as a `with` block lasts.

    The page's script, which takes longest, is begun at once unless `with_script` is False.
    Raises UserError when the converter is not installed.
    """

    def __init__(self, *, workers: int | None = None, with_script: bool = True) -> None:
        if find_spec("vl_convert") is None:
            raise UserError(
                "Figures and the page need a package that is not installed: "
                f"{pip_install('study')}."
            )
        count = workers or min(_cores(), _MOST_WORKERS)
        self._workers = [_Worker() for _ in range(count)]
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        for worker in self._workers:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="converter")
        self._submitted: dict[str, Future[dict[str, Any]]] = {}
        self._script = self.submit({"make": "script"}) if with_script else None

    def submit(self, job: Mapping[str, Any]) -> "Future[dict[str, Any]]":
        """Queue a job for the next worker that is free; a job that was queued is not done twice."""
        key = json.dumps(job, sort_keys=True)
        if key not in self._submitted:
            self._submitted[key] = self._threads.submit(self._work, job)
        return self._submitted[key]

    def script(self) -> str:
        """Return the script that defines `vegaEmbed`, waiting for it where needed."""
        if self._script is None:
            self._script = self.submit({"make": "script"})
        return str(self._script.result()["script"])

    def _work(self, job: Mapping[str, Any]) -> dict[str, Any]:
        worker = self._idle.get()
        try:
            return worker.ask(job)
        finally:
            self._idle.put(worker)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._workers:
            worker.stop()
        self._threads.shutdown()


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Worker:
    """One process, and the pipes to it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "FONTCONFIG_FILE": str(_NO_FONTS)},
        )

    def ask(self, job: Mapping[str, Any]) -> dict[str, Any]:
        """Send a job and wait for its answer; raise RuntimeError when it cannot be done."""
        process = self._process
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("The converter has no pipes.")
        try:
            process.stdin.write(json.dumps(job).encode("ascii") + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except (OSError, ValueError):
            line = b""
        if not line:
            raise RuntimeError(f"The converter ended with status {process.wait()}.")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise RuntimeError(
                f"The converter refused {job.get('name', 'a job')}: {answer['error']}"
            )
        return answer

    def stop(self) -> None:
        """End the process and close its pipes."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def figure_job(
    *, name: str, language: str, specification: Mapping[str, Any], formats: Sequence[str]
) -> dict[str, Any]:
    """Return the job that draws one figure in the formats asked for."""
    return {
        "make": "figure",
        "name": name,
        "language": language,
        "specification": specification,
        "formats": list(formats),
    }


def answer_to(job: Mapping[str, Any]) -> dict[str, Any]:
    """Do a job in this process: "figure" gives vega, svg, png and pdf, "script" the script."""
    import vl_convert

    if job["make"] == "script":
        return {"script": vl_convert.javascript_bundle(_SCRIPT)}
    vega = job["specification"]
    if not _BUILT_IN.fullmatch(json.dumps(vega, ensure_ascii=False)):
        _use_all_fonts()
    if job["language"] == "vega-lite":
        vega = vl_convert.vegalite_to_vega(json.dumps(vega))
    svg = vl_convert.vega_to_svg(json.dumps(vega), allowed_base_urls=[])
    answer = {"vega": vega, "svg": svg}
    if "png" in job["formats"]:
        answer["png"] = _as_text(vl_convert.svg_to_png(svg, scale=_PIXELS_PER_UNIT))
    if "pdf" in job["formats"]:
        answer["pdf"] = _as_text(vl_convert.svg_to_pdf(svg))
    return answer


@cache
def _use_all_fonts() -> None:
    """Let this process use the machine's fonts from now on, for scripts that need them."""
    import vl_convert

    for folder in _FONT_FOLDERS:
        if Path(folder).is_dir():
            vl_convert.register_font_directory(folder)


def _as_text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _serve(jobs: IO[bytes], answers: IO[bytes]) -> None:
    for line in jobs:
        try:
            answer = answer_to(json.loads(line))
        except Exception as error:  # the parent says it; this process goes on with the next
            answer = {"error": str(error)}
        answers.write(json.dumps(answer).encode("ascii") + b"\n")
        answers.flush()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):
        _serve(sys.stdin.buffer, sys.stdout.buffer)
