"""Slices: all targets in turn for an hour, which may be stopped and goes on where it was.

python -m fuzz.slices. FIRSTMILE_FUZZ_SECONDS is the time in all (3600). What was reached is kept
in .cache/fuzz/corpus, what broke a target in .cache/fuzz/crashes; the exit status is 1 where
something did.
"""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from firstmile.rendering.files import write_whole
from fuzz.mutation import LONGEST
from fuzz.seeds import WORDS, seeds
from fuzz.targets import TARGETS

ROOT: Final = Path(__file__).parent.parent
KEPT: Final = ROOT / ".cache" / "fuzz"
SECONDS: Final = 3_600
LONGEST_SLICE: Final = 120
SHORTEST_SLICE: Final = 5
_SLOWEST: Final = 25
"""Seconds from which one input counts as a hang."""
_STARTING: Final = 60
"""Seconds that a process may need beyond its slice, to start and to read its corpus."""


class Slices:
    """How much time each target had of the hour that is going on."""

    def __init__(self, file: Path, seconds: int, targets: Sequence[str]) -> None:
        """Go on where the file says; a broken or finished one begins a new hour."""
        self._file = file
        self._seconds = seconds
        self.spent = dict.fromkeys(targets, 0.0)
        try:
            known = json.loads(file.read_text(encoding="utf-8"))
            told = {name: float(known[name]) for name in targets if name in known}
        except (OSError, ValueError, TypeError, AttributeError):
            told = {}
        if sum(told.values()) < seconds:
            self.spent |= told

    @property
    def left(self) -> float:
        """Seconds that are left of the hour."""
        return self._seconds - sum(self.spent.values())

    def next(self, without: Mapping[str, object]) -> tuple[str, int] | None:
        """Return the target that had the least, and the length of its slice; None at the end."""
        open_ones = [name for name in self.spent if name not in without]
        if not open_ones or self.left < 1:
            return None
        share = self._seconds // (2 * len(self.spent))
        length = min(max(SHORTEST_SLICE, share), LONGEST_SLICE)
        return min(open_ones, key=lambda name: self.spent[name]), min(length, round(self.left + 1))

    def add(self, name: str, seconds: float) -> None:
        """Keep what a target had."""
        self.spent[name] += seconds
        write_whole(self._file, json.dumps(self.spent))


def main() -> int:
    """Run all targets in turn; returns the exit status."""
    seconds = int(os.environ.get("FIRSTMILE_FUZZ_SECONDS", SECONDS))
    KEPT.mkdir(parents=True, exist_ok=True)
    slices = Slices(KEPT / "progress.json", seconds, list(TARGETS))
    words = _dictionary()
    broken: dict[str, list[Path]] = {}
    while (chosen := slices.next(broken)) is not None:
        name, length = chosen
        _say(f"{name}: {length} s ({slices.left:.0f} s left)")
        started = time.monotonic()
        crashes = fuzz(name, length, words)
        slices.add(name, min(time.monotonic() - started, float(length)))
        if crashes:
            broken[name] = crashes
    for name, crashes in broken.items():
        for crash in crashes:
            _say(f"{name} broke on {crash.relative_to(ROOT)}")
    _say(f"{sum(_count(KEPT / 'corpus' / name) for name in TARGETS):,} inputs are kept.")
    return 1 if broken else 0


def fuzz(name: str, seconds: int, words: Path) -> list[Path]:
    """Run one target for a slice; returns the inputs that broke it."""
    corpus, crashes = KEPT / "corpus" / name, KEPT / "crashes" / name
    crashes.mkdir(parents=True, exist_ok=True)
    _plant(corpus, name)
    before = set(crashes.iterdir())
    log = KEPT / f"{name}.log"
    with log.open("wb") as written:
        command = [
            *(sys.executable, "-m", "fuzz.worker", name, str(corpus), f"-dict={words}"),
            *(f"-max_total_time={seconds}", f"-max_len={LONGEST}", f"-timeout={_SLOWEST}"),
            *(f"-artifact_prefix={crashes}/", "-rss_limit_mb=4096", "-print_final_stats=1"),
        ]
        ended = subprocess.run(  # noqa: S603 - our own module, by a fixed command
            command, cwd=ROOT, stdout=written, stderr=subprocess.STDOUT, check=False
        )
    if ended.returncode == 0:
        return []
    found = sorted(set(crashes.iterdir()) - before)
    _say(_last_lines(log))
    return found or [log]


def _plant(corpus: Path, name: str) -> None:
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in seeds(name):
        file = corpus / hashlib.sha1(seed, usedforsecurity=False).hexdigest()
        if not file.exists():
            file.write_bytes(seed)


def _dictionary() -> Path:
    """Write the words as libFuzzer reads them."""
    file = KEPT / "words.dict"
    lines = ['"' + "".join(f"\\x{byte:02x}" for byte in word.encode()) + '"' for word in WORDS]
    write_whole(file, "\n".join(lines) + "\n")
    return file


def _last_lines(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-40:])


def _count(folder: Path) -> int:
    return sum(1 for _ in folder.iterdir()) if folder.is_dir() else 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
