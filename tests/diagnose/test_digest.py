"""Of a log of any size the lines that matter are kept, with their numbers, by every scanner."""

import os
import random
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from firstmile.diagnose.compiled_cache import CompiledCache
from firstmile.diagnose.digest import (
    LANDMARKS,
    MOST_HITS,
    Digest,
    Digester,
    scanned_literals,
)
from firstmile.diagnose.keeping import FIRST_LINES, LAST_LINES, Found, Keeper
from firstmile.diagnose.line_blocks import BEFORE_BYTES, BLOCK_BYTES, HEAD_BYTES, LineBlock
from firstmile.diagnose.scanning import AutomatonScanner, HyperscanScanner, Scanner, scanner_for
from firstmile.errors import UserError
from firstmile.knowledge import Signatures, load_entries
from firstmile.knowledge.matching import ranked

SIGNATURES = Signatures(load_entries())
LITERALS = scanned_literals(SIGNATURES)
PLAIN = Digester(SIGNATURES, AutomatonScanner(LITERALS))


def fast() -> Digester:
    pytest.importorskip("hyperscan")
    return Digester(SIGNATURES, HyperscanScanner(LITERALS))


def steps(count: int, *, seed: int = 1) -> Iterator[str]:
    """Yield lines such as a healthy training run writes."""
    chance = random.Random(seed)
    for step in range(count):
        yield (
            f"2026-03-01 10:{step // 60 % 60:02d}:{step % 60:02d},123 INFO step {step}: "
            f"train_loss {chance.random():.4f}, {chance.randrange(1000, 9000)} per second"
        )


def write(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def shown(digest: Digest) -> dict[int, str]:
    return {line.number: line.text for line in digest.lines}


def test_a_small_log_is_kept_whole(tmp_path: Path) -> None:
    lines = ["one", "", "two \x1b[31mred\x1b[0m", "三"]
    digest = PLAIN.digest(write(tmp_path / "log", lines))
    assert shown(digest) == {1: "one", 2: "", 3: "two red", 4: "三"}
    assert (digest.line_count, digest.byte_count, digest.notes) == (4, 26, ())


def test_an_empty_log_has_no_lines(tmp_path: Path) -> None:
    (tmp_path / "log").touch()
    assert PLAIN.digest(tmp_path / "log").lines == ()


def test_of_a_long_log_the_first_and_last_lines_and_a_failure_between_are_kept(
    tmp_path: Path,
) -> None:
    lines = list(steps(60_000))
    lines[41_000:41_003] = [
        "Traceback (most recent call last):",
        '  File "train.py", line 3, in <module>',
        "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.",
    ]
    digest = PLAIN.digest(write(tmp_path / "log", lines))
    kept = shown(digest)
    assert all(kept[number] == lines[number - 1] for number in kept)
    assert set(range(1, FIRST_LINES + 1)) <= kept.keys()
    assert set(range(60_001 - LAST_LINES, 60_001)) <= kept.keys()
    assert set(range(41_000 - 5, 41_010)) <= kept.keys()
    assert digest.line_count == 60_000
    assert len(kept) < 1_500


def test_what_is_buried_in_a_log_is_diagnosed_as_if_it_stood_alone(tmp_path: Path) -> None:
    filler = list(steps(12_000))
    for entry in SIGNATURES.entries[::40]:
        sample = entry.match[0].split("\n")
        log = write(tmp_path / "log", [*filler, *sample, *filler])
        found = ranked(SIGNATURES.hits([line.text for line in PLAIN.digest(log).lines]))
        assert [match.entry.id for match in found][:1] == [entry.id]


@pytest.mark.long
def test_both_scanners_keep_the_same_lines(tmp_path: Path) -> None:
    chance = random.Random(3)
    samples = [sample for entry in SIGNATURES.entries[::8] for sample in entry.match]
    pieces = [text for texts in LITERALS[::16] for text in texts or ()]
    lines: list[str] = []
    for filler in steps(30_000):
        lines.append(filler)
        if chance.random() < 0.02:
            lines += chance.choice(samples).split("\n")
        if chance.random() < 0.05:
            lines.append(f"\x1b[33m{chance.choice(pieces).upper()}\x1b[0m {chance.choice(pieces)}")
    path = write(tmp_path / "log", lines)
    assert PLAIN.digest(path) == fast().digest(path)


def test_of_each_signature_the_first_lines_are_kept_and_no_more_than_needed(
    tmp_path: Path,
) -> None:
    lines = list(steps(100_000))
    lines[1_000:90_000:10] = ["CUDA error: misaligned address"] * len(lines[1_000:90_000:10])
    digest = PLAIN.digest(write(tmp_path / "log", lines))
    found = [line.number for line in digest.lines if "misaligned" in line.text]
    assert found[:MOST_HITS] == [1_001, 1_011, 1_021, 1_031]
    assert len(digest.lines) < 1_200


def test_what_follows_is_kept_however_small_the_parts_in_which_a_log_arrives() -> None:
    lines = [b"line %d" % number for number in range(1, FIRST_LINES + LAST_LINES + 400)]
    traceback, error = FIRST_LINES + 100, FIRST_LINES + 110
    buffer = bytearray(b"\n".join(lines) + b"\n")
    keeper = Keeper()
    place = 0
    for number, line in enumerate(lines, start=1):
        end = place + len(line) + 1
        block = LineBlock(buffer, memoryview(buffer), place, end, number)
        found = [Found(place, number == traceback)] if number in (3, traceback, error) else []
        keeper.take(block, found)
        place = end
    ending = LineBlock(buffer, memoryview(buffer), len(buffer), len(buffer), len(lines) + 1)
    kept = dict(keeper.end(ending))
    assert kept == {number: lines[number - 1] for number in kept}
    assert set(range(1, FIRST_LINES + 1)) | set(range(traceback - 8, error + 13)) <= kept.keys()


def test_a_whole_traceback_is_kept_also_across_blocks_and_of_a_rank(tmp_path: Path) -> None:
    frames = [f'[rank1]:   File "a.py", line {number}, in f' for number in range(60)]
    trace = ["[rank1]: Traceback (most recent call last):", *frames, "[rank1]: ValueError: no"]
    plain = "x" * 99
    lines_read_at_once = (BEFORE_BYTES + HEAD_BYTES + BLOCK_BYTES) // 100
    for cut_off in (0, 1, 20, 61, 200):
        filler = [plain] * (lines_read_at_once - cut_off)
        digest = PLAIN.digest(write(tmp_path / "log", [*filler, *trace, *filler]))
        texts = [line.text for line in digest.lines]
        assert [text for text in texts if text in trace] == trace


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfea\x00", "is UTF-16"),
        (b"\x1f\x8b\x08\x00", "is compressed"),
        (bytes(range(256)) * 40, "is no text"),
        (b"\x7fELF\x02\x01\x01" + b"\0" * 9 + b"plain words " * 400, "is no text"),
        (b"\0" * 2_000_000, "holds nothing but zero bytes"),
    ],
)
def test_what_is_no_text_is_refused_in_a_sentence(
    tmp_path: Path, content: bytes, said: str
) -> None:
    (tmp_path / "log").write_bytes(content)
    with pytest.raises(UserError, match=f"log {said}"):
        PLAIN.digest(tmp_path / "log")


def test_a_missing_file_and_a_folder_are_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        PLAIN.digest(tmp_path / "missing\x1b[31m")
    with pytest.raises(UserError, match="cannot be read: is a directory"):
        PLAIN.digest(tmp_path)
    with pytest.raises(UserError, match="is a device"):
        PLAIN.digest(Path(os.devnull))


def test_nul_bytes_and_broken_characters_hide_nothing(tmp_path: Path) -> None:
    path = tmp_path / "log"
    hole = b"\x00" * 3_000_000
    path.write_bytes(
        hole + b"\n\xff\xfe\xe4 CUDA error: misaligned address\xc3\n" + b"ok\n" * 9_000
    )
    digest = PLAIN.digest(path)
    assert "misaligned address" in shown(digest)[2]
    assert digest.notes == ()


def test_what_follows_a_hole_on_its_line_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"\x00" * 3_000_000 + b"CUDA error: misaligned address\n" + b"ok\n" * 9_000)
    assert shown(PLAIN.digest(path))[1] == "CUDA error: misaligned address"


def test_a_huge_line_without_an_end_takes_little_memory_and_time(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("wb") as file:
        file.write(b"Loading the model ")
        file.truncate(400_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    digest = PLAIN.digest(path)
    assert time.process_time() - started < 20
    assert digest.line_count == 1
    assert digest.byte_count == 400_000_000
    assert [line.text for line in digest.lines] == ["Loading the model"]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


@pytest.mark.long
def test_a_log_where_every_line_is_remarkable_stays_small(tmp_path: Path) -> None:
    texts = [line for entry in SIGNATURES.entries for line in entry.match[0].split("\n")]
    path = write(tmp_path / "log", texts * 12)
    digest = PLAIN.digest(path)
    assert len(digest.lines) < 6_000 + MOST_HITS * len(SIGNATURES.patterns)
    assert digest.lines[-1].number == digest.line_count == len(texts) * 12


def test_compiled_literals_are_kept_and_what_is_spoiled_is_compiled_anew(tmp_path: Path) -> None:
    hyperscan = pytest.importorskip("hyperscan")
    cache = CompiledCache(tmp_path / "signatures")
    HyperscanScanner(LITERALS, cache)
    (file,) = cache.folder.iterdir()
    good = file.read_bytes()
    known = HyperscanScanner(LITERALS, cache)
    assert found_by(known) == found_by(AutomatonScanner(LITERALS))
    texts = known._known.texts
    cache.write((b"hyperscan", hyperscan.__version__.encode(), *texts), b"no database")
    assert file.read_bytes() != good
    assert found_by(HyperscanScanner(LITERALS, cache)) == found_by(known)
    assert file.read_bytes() == good


def found_by(scanner: Scanner) -> dict[int, int]:
    block = memoryview("Killed. CUDA OUT OF MEMORY; 训练 Ġ".encode())
    return scanner.candidates(block, range(len(LITERALS)))


def test_without_hyperscan_the_automaton_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hyperscan", None)
    assert isinstance(scanner_for(LITERALS), AutomatonScanner)


def test_no_signatures_leave_the_landmarks(tmp_path: Path) -> None:
    nothing = Signatures([])
    lines = [*steps(2_000), "Killed", *steps(2_000)]
    digest = Digester(nothing, AutomatonScanner(scanned_literals(nothing))).digest(
        write(tmp_path / "log", lines)
    )
    assert shown(digest)[2_001] == "Killed"
    assert len(scanned_literals(nothing)) == len(LANDMARKS)
