"""Every JSON file that a load reads is whole.

Why: a broken config.json stops everything ("It looks like the config file at ... is not a valid
JSON file", JSONDecodeError). A broken generation_config.json is worse: transformers takes it as
absent without a word, so that its stop tokens and its sampling are lost, and answers run on. A cut
download, a comma too many after editing by hand, and conflict marks of git are behind most of them.

Fix: fetch the file again, or mend the line that is named.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from msgspec.structs import replace

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
from firstmile.check.words_to_copy import file_word
from firstmile.check.worlds import folder, world
from firstmile.facts.environment import NotKnown
from firstmile.facts.model_folder.folder import Document
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="corruption/config-file",
    entries=("json-file-of-the-model-does-not-parse",),
    references=("https://huggingface.co/docs/transformers/main/en/main_classes/configuration",),
)
_STOP: Final = frozenset(
    (
        *("config.json", "adapter_config.json", "quantize_config.json", "quant_config.json"),
        *("preprocessor_config.json", "processor_config.json", "tokenizer_config.json"),
        *("special_tokens_map.json", "params.json"),
    )
)
"""Files without which a load stops."""
_TOO_LARGE: Final = ("it is longer than", "the JSON files of this folder are too many")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Say which JSON files could not be read, and why."""
    model = snapshot.model
    if model is None:
        return not_known("the model's folder")
    verdicts = []
    index = model.why_not("index")
    if index is not None and (" no JSON" in index or "no weight_map" in index):
        path = index.partition(" ")[0].rstrip(":")
        verdicts.append(_failed(path, index))
    here = [each for path, each in model.documents.items() if path.endswith(".json")]
    for each in here:
        problem = each.problem
        if problem is None or problem.startswith(_TOO_LARGE) or "/" in each.path:
            continue
        if each.path in _STOP:
            verdicts.append(_failed(each.path, problem))
            continue
        silent = each.path == "generation_config.json"
        verdicts.append(
            warned(
                f"The file {each.path} cannot be read"
                f"{', and is passed over without a word: stop tokens are lost' if silent else ''}.",
                seen(problem, file=each.path),
                remedy=_remedy(each.path),
            )
        )
    if verdicts:
        return verdicts
    if not here and index is None and model.index is None:
        return does_not_apply("the folder has no JSON files")
    return passed(f"{len(here)} JSON files were read.")


def _failed(path: str, problem: str) -> Verdict:
    return failed(
        f"The file {path} cannot be read: {problem.removeprefix(path).lstrip(' :')}.",
        seen(problem, file=path),
        remedy=_remedy(path),
    )


def _remedy(path: str) -> str:
    fetched = f"hf download OWNER/NAME {file_word(path)} --local-dir FOLDER --force-download"
    return f"{fetched}, or mend it by hand"


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(path: str, problem: str | None, **parts: Any) -> Snapshot:
        document = Document(path=path, value=None if problem else {}, problem=problem)
        made = folder(files=(), **parts)
        return world(replace(made, documents={path: document}))

    cut = "it is no JSON: expecting value in line 3"
    yield Example(outcome=Outcome.PASS, snapshot=of("config.json", None))
    yield Example(outcome=Outcome.FAIL, snapshot=of("config.json", cut), says="in line 3")
    yield Example(outcome=Outcome.WARN, snapshot=of("generation_config.json", cut), says="lost")
    long = of("modules.json", "it is longer than 4,194,304 bytes")
    yield Example(outcome=Outcome.PASS, snapshot=long)
    broken = NotKnown(
        what="index", reason="model.safetensors.index.json is no JSON that can be read"
    )
    index = of("config.json", None, not_known=(broken,))
    yield Example(outcome=Outcome.FAIL, snapshot=index, says="index.json")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder()), says="does not apply")
