"""Every pickled checkpoint is a whole archive.

Why: a checkpoint of torch is a zip archive whose directory stands at its end. A download or a save
that broke off leaves one without an end: "PytorchStreamReader failed reading zip archive: failed
finding central directory", "unexpected EOF, expected ... more bytes. The file might be corrupted".
One that begins otherwise ends in "invalid load key".

Fix: fetch the file again, or take an earlier checkpoint; see that the disk had room.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.words_to_copy import fetched_again
from firstmile.check.worlds import file, folder, world
from firstmile.facts.model_folder.folder import Pickle
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="corruption/checkpoint",
    entries=("checkpoint-archive-is-truncated",),
    references=("https://docs.pytorch.org/docs/stable/generated/torch.load.html",),
)
_CUT: Final = ("it is an archive without", "it is no archive that can be read", "its directory can")
_NAMED: Final = re.compile(
    r"(?:pytorch_model(?:-\d{5}-of-\d{5})?|adapter_model)\.bin|consolidated\.\d{2}\.pth"
)
_LOOKS: Final = {"text": "a text", "json": "JSON", "other": "nothing that is known"}
_UNDER_ANOTHER_NAME: Final = "under another name"


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Say which archives could not be read to their end."""
    model = snapshot.model
    if model is None:
        return not_known("the model's folder")
    foreign = [
        one
        for one in model.files
        if _NAMED.fullmatch(one.path) and one.looks in ("text", "json", "other") and one.size_bytes
    ]
    if foreign:
        return [
            failed(
                f"The file {one.path} begins like no checkpoint of torch.",
                seen(f"{one.size_bytes:,} bytes, which begin like {_LOOKS[one.looks]}"),
                remedy=fetched_again(one.path),
            )
            for one in foreign
        ]
    if not model.pickles:
        why = model.why_not("pickles")
        return not_known(why) if why else does_not_apply("the folder has no pickles")
    verdicts = []
    for each in model.pickles:
        problem = each.problem or ""
        if problem.startswith(_CUT):
            verdicts.append(
                failed(
                    f"The file {each.path} is no whole archive.",
                    seen(f"{each.size_bytes:,} bytes; {problem}", file=each.path),
                    remedy=fetched_again(each.path),
                )
            )
        elif _UNDER_ANOTHER_NAME in problem:
            right = ".gguf" if "GGUF" in problem else ".safetensors"
            verdicts.append(
                failed(
                    f"The file {each.path} has the name of a pickle and is none.",
                    seen(problem, file=each.path),
                    remedy=f"Give it a name that ends in {right}.",
                )
            )
    if verdicts:
        return verdicts
    whole = [each for each in model.pickles if each.problem is None]
    if not whole:
        return not_known("whether the pickles are whole")
    return passed(f"{counted(len(whole), 'pickled file is', 'pickled files are')} whole.")


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(problem: str | None) -> Snapshot:
        name = "pytorch_model.bin"
        pickle = Pickle(path=name, size_bytes=9_000, imports=(), problem=problem)
        return world(folder(pickles=(pickle,), files=[file(name, 9_000, looks="zip")]))

    yield Example(outcome=Outcome.PASS, snapshot=of(None))
    cut = of("it is an archive without an end, as after a broken download")
    yield Example(outcome=Outcome.FAIL, snapshot=cut, says="no whole archive")
    other = of("it is a file of safetensors under another name")
    yield Example(outcome=Outcome.FAIL, snapshot=other, says="is none")
    for looks in ("text", "other"):
        strange = folder(kind="meta", files=[file("consolidated.00.pth", 9_000, looks=looks)])
        yield Example(outcome=Outcome.FAIL, snapshot=world(strange), says="begins like no")
    pointer = of("it is a pointer of Git LFS")
    yield Example(outcome=Outcome.SKIP, snapshot=pointer, says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder()), says="no pickles")
