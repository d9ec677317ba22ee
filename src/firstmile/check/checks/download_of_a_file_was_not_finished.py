"""No file of the folder is the rest of a download that broke off.

Why: downloaders write under another name until a file is whole: `.incomplete` (huggingface_hub),
`.aria2` beside it (aria2c, hfd.sh), `.part`, `.crdownload`, `.tmp`. aria2c gives the file its
final name and size at once, so that a folder looks complete while holes in the weights are still
zeros: that loads without an error, and the model writes nonsense.

Fix: start the same download again; it goes on where it stopped. Then the rest is gone.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, failed, not_known, passed, seen, warned
from firstmile.check.weight_files import some
from firstmile.check.words_to_copy import file_word
from firstmile.check.worlds import file, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="corruption/checkpoint",
    entries=("download-from-the-hub-stands-still-near-its-end",),
    references=("https://aria2.github.io/manual/en/html/aria2c.html",),
)
_RESTS: Final = (".incomplete", ".part", ".partial", ".crdownload", ".download", ".aria2")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Look for the names that downloaders use until they are done."""
    model = snapshot.model
    if model is None or not model.files:
        return not_known("the files of the model")
    names = {one.path for one in model.files}
    rests = [path for path in sorted(names) if path.endswith(_RESTS)]
    if not rests:
        return passed(f"Of {counted(len(names), 'file')} none is the rest of a broken download.")
    open_ones: list[str] = []
    left_over: list[str] = []
    for path in rests:
        whole = path.rpartition(".")[0]
        is_open = path.endswith(".aria2") or whole not in names
        (open_ones if is_open else left_over).append(path)
    verdicts = []
    if open_ones:
        verdicts.append(
            failed(
                f"The download of {counted(len(open_ones), 'file')} was not finished: "
                f"{some(open_ones)}.",
                *(seen("its download was not finished", file=path) for path in open_ones[:3]),
                remedy="Start the same download again, with the same tool; it goes on.",
            )
        )
    if left_over:
        verdicts.append(
            warned(
                f"Rests of downloads lie beside whole files: {some(left_over)}.",
                *(seen("a rest of a download", file=path) for path in left_over[:3]),
                remedy="Compare the sizes with the Hub's, then delete "
                f"{some(list(map(file_word, left_over)))}.",
            )
        )
    return verdicts


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def holding(*paths: str) -> Snapshot:
        return world(folder(files=[file(path, 9_000) for path in paths]))

    yield Example(outcome=Outcome.PASS, snapshot=holding("model.safetensors", "config.json"))
    yield Example(outcome=Outcome.PASS, snapshot=holding("model-part.safetensors"))
    hidden = holding("model.safetensors", "model.safetensors.aria2")
    yield Example(outcome=Outcome.FAIL, snapshot=hidden, says="1 file was")
    cut = holding("model.safetensors.incomplete", "config.json")
    yield Example(outcome=Outcome.FAIL, snapshot=cut, says="1 file was")
    left = holding("model.gguf", "model.gguf.part")
    yield Example(outcome=Outcome.WARN, snapshot=left, says="beside whole files")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), says="not known")
