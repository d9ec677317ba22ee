"""The library that engines use loads the tokenizer, and can encode and decode with it.

Why: a tokenizer.json that was cut, edited by hand or merged from two models is refused as a
whole, while a model starts: "data did not match any variant of untagged enum", "EOF while
parsing", "invalid type". firstmile loads the file with the tokenizers library that is installed
beside it, and encodes and decodes a few texts. Of a tokenizer.model the pieces are read, of
tiktoken every line: what is none ends in "could not parse ModelProto", "Incorrect padding" or
"unk is not defined".

Fix: take the file of the model that this one was made from, or save it again with the library
that made it.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.counting import counted
from firstmile.check.installed import version_of
from firstmile.check.intent import Intent
from firstmile.check.template_worlds import tokenizer
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
from firstmile.check.worlds import file, folder, machine, world
from firstmile.facts.model_folder.folder import Tokenizer
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/tokenizer",
    cause="tokenizer/file",
    entries=("tokenizer-model-file-is-of-another-format-or-broken",),
    references=("https://huggingface.co/docs/tokenizers/api/tokenizer",),
)
_ENDED: Final = "loading and trying it was ended"


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Judge what loading the file showed."""
    model = snapshot.model
    if intent.tokenizer is not None:
        return does_not_apply("the command names a tokenizer of its own")
    if model is None:
        return not_known("the model's folder")
    if model.tokenizer is None:
        why = model.why_not("tokenizer")
        return not_known(f"the tokenizer: {why}") if why else does_not_apply("there is none here")
    found = model.tokenizer
    listed = model.file(found.path)
    if listed is not None and listed.looks in ("pointer", "html", "empty"):
        return does_not_apply("the file is not one of a tokenizer, which another check says")
    if found.loads:
        return passed(
            f"The file {found.path} loads, and encodes and decodes "
            f"{counted(len(found.round_trips), 'text')}.",
            seen(f"tried with tokenizers {found.tried_with}"),
        )
    if found.loads is None:
        return not_known(f"whether {found.path} loads: {found.refused or f'a {found.kind} file'}")
    return _refused(found, snapshot)


def _refused(found: Tokenizer, snapshot: Snapshot) -> Verdict:
    reason = found.refused or "no reason was given"
    proof = seen(reason, file=found.path)
    remedy = (
        f"Copy {file_word(found.path)} of the model that this one was made from, or fetch it "
        "again: "
        f"hf download OWNER/NAME {file_word(found.path)} --local-dir FOLDER."
    )
    if reason.startswith(_ENDED):
        return warned(f"The file {found.path} takes too much to load.", proof, remedy=remedy)
    installed = version_of(snapshot, "tokenizers")
    tried = found.tried_with
    if tried is not None and installed is not None and installed != tried:
        return warned(
            f"The file {found.path} does not load with tokenizers {tried}; {installed}, which is "
            "installed where the model will run, was not tried.",
            proof,
            seen(f"tokenizers {installed}"),
            remedy=f"Take the release of the library that the file was made with: pip install -U "
            f"tokenizers transformers; or where that fails too: {remedy}",
        )
    return failed(f"The file {found.path} does not load.", proof, remedy=remedy)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(one: Tokenizer, *, installed: str | None = None, looks: str = "json") -> Snapshot:
        packages = {"tokenizers": installed} if installed else {}
        here = folder(tokenizer=one, files=[file(one.path, looks=looks)])
        return world(here, machine(packages=packages))

    cut = tokenizer(loads=False, refused="EOF while parsing a value at line 1", tried_with="0.22.1")
    yield Example(outcome=Outcome.PASS, snapshot=of(tokenizer()))
    yield Example(outcome=Outcome.FAIL, snapshot=of(cut), says="does not load")
    yield Example(outcome=Outcome.FAIL, snapshot=of(cut, installed="0.22.1"))
    yield Example(outcome=Outcome.WARN, snapshot=of(cut, installed="0.15.2"), says="not tried")
    slow = tokenizer(loads=False, refused=f"{_ENDED}: it took more than 12 s")
    yield Example(outcome=Outcome.WARN, snapshot=of(slow), says="too much")
    pieces = tokenizer((), path="tokenizer.model", kind="sentencepiece", loads=None)
    yield Example(outcome=Outcome.SKIP, snapshot=of(pieces), says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=of(cut, looks="pointer"), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder()), says="does not apply")
