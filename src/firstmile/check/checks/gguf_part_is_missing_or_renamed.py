"""All parts of a split GGUF model are there, under their names, and the first one is given.

Why: a model of several files is opened by its first, "...-00001-of-00005.gguf"; llama.cpp finds the
others by their names. One that is missing stops it ("failed to load GGUF split"), a renamed one
does ("invalid split file name"), and giving another than the first ("illegal split file idx ...
model must be loaded with the first split"). Parts that were joined with `cat` are none of a model.

Fix: fetch all parts and keep their names; `llama-gguf-split --merge FIRST.gguf OUT.gguf` makes one
file of them.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from firstmile.check.counting import share
from firstmile.check.gguf_files import PART, ggufs_of, split_count
from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen
from firstmile.check.weight_files import some
from firstmile.check.words_to_copy import file_word, file_words
from firstmile.check.worlds import folder, world
from firstmile.facts.model_folder.folder import Gguf
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="corruption/other-file",
    entries=("gguf-part-is-missing-or-not-the-first",),
    references=("https://github.com/ggml-org/llama.cpp/tree/master/tools/gguf-split",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Count the parts by their names, and look for parts under other names."""
    ggufs = ggufs_of(snapshot)
    if isinstance(ggufs, Verdict):
        return ggufs
    verdicts = []
    groups: dict[tuple[str, int], set[int]] = {}
    for each in ggufs:
        part = PART.fullmatch(each.path)
        if part is not None:
            groups.setdefault((part[1], int(part[3])), set()).add(int(part[2]))
        elif split_count(each) > 1:
            verdicts.append(_renamed(each))
    given = PART.fullmatch((intent.model or "").replace("\\", "/").rpartition("/")[2])
    if given is not None and int(given[2]) != 1:
        first = f"{given[1]}-00001-of-{given[3]}.gguf"
        verdicts.append(
            failed(
                f"The command gives part {int(given[2])} of the model; the first one is wanted.",
                seen(str(intent.model)),
                remedy=f"Give {file_word(first)}.",
            )
        )
    for (name, count), numbers in groups.items():
        missing = [number for number in range(1, min(count, 10_000) + 1) if number not in numbers]
        if missing:
            paths = [f"{name}-{number:05}-of-{count:05}.gguf" for number in missing]
            verdicts.append(
                failed(
                    f"{share(len(missing), count, 'part', 'is', 'are')} missing: {some(paths)}.",
                    seen(f"parts {', '.join(map(str, sorted(numbers)[:8]))} are there"),
                    remedy=f"hf download OWNER/NAME {file_words(paths[:3])} --local-dir FOLDER",
                )
            )
    if verdicts:
        return verdicts
    if not groups:
        return does_not_apply("no GGUF model here is split")
    return passed("All parts of the GGUF model are there.", seen(some([one for one, _ in groups])))


def _renamed(each: Gguf) -> Verdict:
    number = each.metadata.get("split.no")
    count = each.metadata.get("split.count")
    place = number + 1 if isinstance(number, int) else 1
    stem = each.path.removesuffix(".gguf")
    return failed(
        f"The file {each.path} is part {place} of {count} under another name.",
        seen(f"split.no = {number}, split.count = {count}", file=each.path),
        remedy=f"Name it {file_word(f'{stem}-{place:05}-of-{count:05}.gguf')}, and the other "
        "parts likewise."
        if isinstance(count, int)
        else "Give it the name that it had.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(*paths: str, **metadata: Any) -> Snapshot:
        said = {name.replace("__", "."): value for name, value in metadata.items()}
        made = tuple(
            Gguf(path=path, size_bytes=9, version=3, metadata=said, tensors=(), data_start=9)
            for path in paths
        )
        return world(folder(kind="gguf", ggufs=made))

    first, second, third = (f"qwen-0000{number}-of-00003.gguf" for number in (1, 2, 3))
    yield Example(outcome=Outcome.PASS, snapshot=of(first, second, third, split__count=3))
    yield Example(outcome=Outcome.FAIL, snapshot=of(first, third), says="1 of 3 parts")
    renamed = of("qwen.gguf", split__no=0, split__count=3)
    yield Example(outcome=Outcome.FAIL, snapshot=renamed, says="part 1 of 3")
    whole = of(first, second, third)
    other = Intent(engine="llama.cpp", model="/models/qwen-00002-of-00003.gguf")
    yield Example(outcome=Outcome.FAIL, snapshot=whole, intent=other, says="gives part 2")
    right = Intent(engine="llama.cpp", model="/models/qwen-00001-of-00003.gguf")
    yield Example(outcome=Outcome.PASS, snapshot=whole, intent=right)
    yield Example(outcome=Outcome.SKIP, snapshot=of("a-q4.gguf", "a-q8.gguf"), says="is split")
    merged = of("qwen.gguf", split__no=0, split__count=0)
    yield Example(outcome=Outcome.SKIP, snapshot=merged, says="is split")
