"""The files of a Hub cache have the content that they are named by.

Why: the cache names each file by the hash of its content, and never looks at it again: for `hf
download` a file is there, whatever is in it. A file that was edited in place (which changes it for
all who share the cache), a disk that failed, or a download that went wrong stay until somebody
compares. Files up to 64 MB together are hashed here; for the weights there is `hf cache verify`.

Fix: fetch the file anew with `hf download ... --force-download`; to change a config, copy the
folder first.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from firstmile.check.counting import share
from firstmile.check.intent import Intent
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
from firstmile.check.weight_files import some
from firstmile.check.words_to_copy import file_words
from firstmile.check.worlds import file, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="corruption/other-file",
    entries=("download-does-not-have-the-expected-size",),
    references=("https://huggingface.co/docs/huggingface_hub/en/guides/manage-cache",),
)
_BY_HAND: Final = (".json", ".jinja", ".txt", ".py", ".md")
"""Files that people edit: a change is then meant, though it changes the cache."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Say which files do not have the hash of their name."""
    model = snapshot.model
    if model is None or not model.files:
        return not_known("the files of the model")
    if model.snapshot_of is None:
        return does_not_apply("the folder is none of a Hub cache")
    hashed = [one for one in model.files if one.has_named_hash is not None]
    if not hashed:
        return not_known("the hashes of the files")
    wrong = [one.path for one in hashed if not one.has_named_hash]
    if not wrong:
        return passed(
            f"{share(len(hashed), len(model.files), 'file', 'has', 'have')} the hash of its name."
        )
    remedy = f"hf download OWNER/NAME {file_words(wrong[:4])} --force-download"
    proof = [seen("its content has another hash than its name", file=path) for path in wrong[:4]]
    text = f"The content of {some(wrong)} is not what the Hub had under this hash."
    if all(path.endswith(_BY_HAND) for path in wrong):
        return warned(f"{text} Somebody may have edited it.", *proof, remedy=remedy)
    return failed(text, *proof, remedy=remedy)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(has: bool | None, path: str = "tokenizer.model", *, cache: bool = True) -> Snapshot:
        files = [
            replace(file(path, 9_000, kind="link"), has_named_hash=has),
            file("a.safetensors", 9_000_000_000, kind="link"),
        ]
        repository = "owner/name at 0a1b" if cache else None
        return world(folder(files=files, snapshot_of=repository))

    yield Example(outcome=Outcome.PASS, snapshot=of(True), says="1 of 2 files")
    yield Example(outcome=Outcome.FAIL, snapshot=of(False), says="tokenizer.model")
    yield Example(outcome=Outcome.WARN, snapshot=of(False, "config.json"), says="edited")
    yield Example(outcome=Outcome.SKIP, snapshot=of(None), says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=of(True, cache=False), says="does not apply")
