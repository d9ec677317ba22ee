"""Every file of the tokenizer is what its name says.

Why: `git clone` without Git LFS leaves a pointer of three lines where a large file should be, and
a download through a page of the Hub leaves HTML. Both have the right name. Loading then ends in
"Error parsing line b'version https://git-lfs...'", "expected value at line 1 column 1" or a
JSONDecodeError, which say nothing of the download.

Fix: fetch the file again with `hf download` (or `git lfs pull`), and compare its size with the
one that the Hub shows.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.words_to_copy import file_word
from firstmile.check.worlds import file, folder, world
from firstmile.facts.model_folder.tokenizer_file import is_tokenizer_file
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/tokenizer",
    cause="corruption/other-file",
    entries=("tokenizer-model-file-is-of-another-format-or-broken",),
    references=("https://huggingface.co/docs/huggingface_hub/en/guides/cli",),
)
_BESIDE: Final = (
    *("merges.txt", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"),
    *("chat_template.jinja", "chat_template.json"),
)
_KINDS: Final = {"pointer": "a pointer of Git LFS", "html": "a web page", "empty": "empty"}


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Look at the first bytes of the tokenizer's files."""
    model = snapshot.model
    if model is None or not model.files:
        return not_known("the files of the model")
    here = [one for one in model.files if is_tokenizer_file(one.path) or one.path in _BESIDE]
    if not here:
        return does_not_apply("the folder has no tokenizer files")
    wrong = [one for one in here if one.looks in _KINDS]
    if not wrong:
        return passed(
            f"Each of {counted(len(here), 'file')} of the tokenizer holds what its name says."
        )
    return [
        failed(
            f"The file {one.path} is {_KINDS[one.looks]}, not a file of a tokenizer.",
            seen(f"{one.size_bytes:,} bytes", file=one.path),
            remedy=f"Fetch it again: hf download OWNER/NAME {file_word(one.path)} --local-dir "
            "FOLDER"
            f"{' (or git lfs pull)' if one.looks == 'pointer' else ''}.",
        )
        for one in wrong
    ]


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def holding(*files: tuple[str, str]) -> Snapshot:
        return world(folder(files=[file(path, 130, looks=looks) for path, looks in files]))

    good = holding(("tokenizer.json", "json"), ("tokenizer.model", "other"))
    yield Example(outcome=Outcome.PASS, snapshot=good)
    for looks, says in (("pointer", "Git LFS"), ("html", "web page"), ("empty", "empty")):
        bad = holding(("tokenizer.json", "json"), ("tokenizer.model", looks))
        yield Example(outcome=Outcome.FAIL, snapshot=bad, says=says)
    weights = holding(("model.safetensors", "pointer"))
    yield Example(outcome=Outcome.SKIP, snapshot=weights, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), says="not known")
