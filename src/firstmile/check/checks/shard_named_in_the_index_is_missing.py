"""Every file that the index of the weights names is there.

Why: `model.safetensors.index.json` says in which file each tensor stands. Where one did not
arrive, or a browser saved it under another name, transformers stops with "FileNotFoundError: No
such file or directory: .../model-00002-of-00004.safetensors", often after minutes of reading the
others. vLLM reads the files that are there, and starts with layers that were never filled, or
says "Following weights were not initialized from checkpoint".

Fix: fetch what is missing (`hf download` passes over what is complete), of the same revision as
the index.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.weight_files import folder_of, some, weights_that_load
from firstmile.check.words_to_copy import file_word, file_words
from firstmile.check.worlds import LLAMA, file, folder, world
from firstmile.facts.model_folder.folder import ModelFolder, ShardIndex
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="corruption/other-file",
    entries=("a-shard-named-in-the-index-is-missing",),
    references=("https://huggingface.co/docs/transformers/main/en/big_models",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for each file that the index names."""
    model = folder_of(snapshot)
    if isinstance(model, Verdict):
        return model
    index = model.index
    if index is None:
        why = model.why_not("index")
        return not_known(f"the index: {why}") if why else does_not_apply("there is no index")
    taken = weights_that_load(model)
    if taken is None or taken.index != index.path:
        return does_not_apply(f"weights are loaded without {index.path}")
    why = model.why_not("files")
    there = {one.path for one in model.files if one.kind != "dangling"}
    missing = [path for path in taken.paths if path not in there]
    if missing and why is not None:
        return not_known(f"all files of the folder: {why}")
    if not missing:
        return passed(
            f"Each of {counted(len(taken.paths), 'file')} that the index names is there.",
            seen(some(taken.paths), file=index.path),
        )
    renamed = _renamed(missing, there)
    remedy = f"hf download OWNER/NAME {file_words(missing[:4])} --local-dir FOLDER"
    if renamed:
        remedy = f"Rename {file_word(renamed[0])} to {file_word(renamed[1])}; else {remedy}"
    return failed(
        _said(len(missing), len(taken.paths)),
        seen(f"the index names {some(missing)}", file=index.path),
        remedy=remedy,
    )


def _said(missing: int, named: int) -> str:
    if named == 1:
        return "The one file that the index names is missing."
    verb = "is" if missing == 1 else "are"
    return f"{missing:,} of the {named:,} files that the index names {verb} missing."


def _renamed(missing: list[str], there: set[str]) -> tuple[str, str] | None:
    """Return a file that a browser has saved under another name, and its right one."""
    for path in missing:
        stem, _, ending = path.rpartition(".")
        for number in ("1", "2"):
            if f"{stem} ({number}).{ending}" in there:
                return f"{stem} ({number}).{ending}", path
    return None


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(*names: str, path: str = "model.safetensors.index.json", count: int = 3) -> ModelFolder:
        wanted = [f"model-{place:05}-of-{count:05}.safetensors" for place in range(1, count + 1)]
        index = ShardIndex(
            path=path,
            weight_map={f"layer.{place}": name for place, name in enumerate(wanted)},
            total_size=None,
        )
        files = [file(name, 9_000, looks="safetensors") for name in names]
        return folder(config=LLAMA, files=files, index=index)

    first, second, third = (f"model-{place:05}-of-00003.safetensors" for place in (1, 2, 3))
    yield Example(outcome=Outcome.FAIL, snapshot=world(of(first, third)), says="1 of the 3")
    browser = of(first, third, "model-00002-of-00003 (1).safetensors")
    yield Example(outcome=Outcome.FAIL, snapshot=world(browser), says="1 of the 3")
    yield Example(outcome=Outcome.PASS, snapshot=world(of(first, second, third)))
    whole = of(first, "model.safetensors")
    yield Example(outcome=Outcome.SKIP, snapshot=world(whole), says="without")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder(config=LLAMA)), says="no index")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder(kind="gguf")), says="not a folder")
