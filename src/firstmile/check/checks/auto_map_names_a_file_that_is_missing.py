"""The folder has the Python files that `auto_map` names.

Why: a config may say that the model's classes stand in files of its folder. A model that was saved
or downloaded without them (`--include "*.safetensors" "*.json"`, `save_pretrained` of older
releases) stops with "... does not appear to have a file named modeling_x.py", as soon as code of
the model is allowed; and without allowing it where the installed transformers has no such model.

Fix: fetch the `.py` files of the repository, of the same revision.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import python_of
from firstmile.check.intent import Intent
from firstmile.check.own_code import auto_map, runs_own_code
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    passed,
    seen,
    warned,
)
from firstmile.check.weight_files import folder_of, some
from firstmile.check.words_to_copy import file_words
from firstmile.check.worlds import LLAMA, file, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/import-error",
    cause="corruption/other-file",
    entries=("tokenizer-class-is-in-the-repositorys-own-code",),
    references=("https://huggingface.co/docs/transformers/main/en/custom_models",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for the file of each class of the configs' `auto_map`."""
    model = folder_of(snapshot)
    if isinstance(model, Verdict):
        return model
    wanted: dict[str, str] = {}
    for path in ("config.json", "tokenizer_config.json", "preprocessor_config.json"):
        for place in auto_map(model.document(path)).values():
            if "--" not in place and "." in place:
                wanted.setdefault(place.rpartition(".")[0].replace(".", "/") + ".py", path)
    if not wanted:
        return does_not_apply("no config names files of code in this folder")
    there = {one.path for one in model.files}
    missing = [name for name in wanted if name not in there]
    if not missing:
        return passed("The folder has the code that its configs name.", seen(some(list(wanted))))
    proof = [seen(f"auto_map names {name}", file=wanted[name]) for name in missing[:4]]
    remedy = f"hf download OWNER/NAME {file_words(missing[:4])} --local-dir FOLDER"
    runs = runs_own_code(model, python_of(snapshot), intent)
    if runs:
        return failed(f"Code that is run is missing: {some(missing)}.", *proof, remedy=remedy)
    if runs is False:
        return does_not_apply("code of the model is not run")
    return warned(
        f"The folder lacks {some(missing)}, which its configs name as code of the model.",
        *proof,
        remedy=remedy,
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(place: str | None, *files: str) -> Snapshot:
        config = {**LLAMA, "model_type": "own"}
        if place is not None:
            config["auto_map"] = {"AutoModelForCausalLM": place}
        return world(folder(config=config, files=[file(path) for path in files]))

    allowed = Intent(trust_remote_code=True)
    own = "modeling_own.OwnForCausalLM"
    whole = of(own, "modeling_own.py")
    yield Example(outcome=Outcome.PASS, snapshot=whole, intent=allowed)
    yield Example(outcome=Outcome.FAIL, snapshot=of(own), intent=allowed, says="modeling_own.py")
    yield Example(outcome=Outcome.WARN, snapshot=of(own), says="modeling_own.py")
    refused = Intent(trust_remote_code=False)
    yield Example(outcome=Outcome.SKIP, snapshot=of(own), intent=refused, says="not run")
    elsewhere = of("owner/name--modeling_own.OwnForCausalLM")
    yield Example(outcome=Outcome.SKIP, snapshot=elsewhere, intent=allowed)
    yield Example(outcome=Outcome.SKIP, snapshot=of(None), intent=allowed)
