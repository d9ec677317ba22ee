"""The transformers that reads the config understands the form of its RoPE settings.

Why: transformers 5 writes rope_theta and the scaling into one field, rope_parameters. Earlier
releases do not know it, say nothing and take the defaults of the architecture (theta 10000, no
scaling). The model then loads and answers, but loses the thread, the more so the longer the text.

Fix: upgrade transformers to 5, or write rope_theta and rope_scaling into the config as before.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from firstmile.check.installed import installed, python_of, unknown_python
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.own_code import uses_transformers
from firstmile.check.releases import older
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    stated,
    warned,
)
from firstmile.check.words_to_copy import SOME_TEXT
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.model_folder.architecture import text_config
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/meaningless",
    cause="environment/dependency-library",
    references=("https://github.com/huggingface/transformers/blob/main/MIGRATION_GUIDE_V5.md",),
)
_DEFAULT_THETA: Final = 10000.0
_INERT: Final = re.compile(r'[\w{}\[\]":,. +-]{1,400}')


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for settings that stand in the newer field alone."""
    if not uses_transformers(intent) and intent.engine not in ("vllm", "sglang"):
        return does_not_apply("the engine does not read config.json through transformers")
    if snapshot.model is None or snapshot.model.config is None:
        return not_known("the config of the model")
    text = text_config(snapshot.model.config)
    new = text.get("rope_parameters")
    if not isinstance(new, Mapping):
        return does_not_apply("the config has its RoPE settings in the older form, or none")
    lost = _lost(text, new)
    if not lost:
        return does_not_apply("the newer field says no more than the defaults and the older fields")
    python = python_of(snapshot)
    if python is None:
        return unknown_python(snapshot)
    transformers = python.package("transformers")
    is_older = older(transformers.version, "5.0.0rc0") if transformers is not None else None
    if transformers is None or is_older is None:
        return not_known("the installed transformers")
    proof = (stated("config.json", "rope_parameters", dict(new)), installed(transformers))
    if not is_older:
        return passed("The installed transformers reads rope_parameters.", *proof)
    say = failed if uses_transformers(intent) else warned
    fields = ", ".join(f"{name} = {value}" for name, value in lost.items())
    written = ", ".join(f"{name} = {_written(value)}" for name, value in lost.items())
    return say(
        f"Transformers {transformers.version} does not read rope_parameters and loses {fields}.",
        *proof,
        remedy='pip install -U "transformers>=5", or write into config.json: ' + written + ".",
    )


def _written(value: Any) -> str:
    """Return a setting as JSON writes it; one with signs that a shell acts on is not copied."""
    text = json.dumps(value, default=str)
    return text if _INERT.fullmatch(text) else SOME_TEXT


def _lost(text: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an older release would miss: theta, and the scaling where there is one."""
    lost: dict[str, Any] = {}
    theta = new.get("rope_theta")
    is_number = isinstance(theta, int | float)
    if is_number and theta != _DEFAULT_THETA and text.get("rope_theta") is None:
        lost["rope_theta"] = theta
    kind = new.get("rope_type", "default")
    if isinstance(kind, str) and kind != "default" and not text.get("rope_scaling"):
        lost["rope_scaling"] = {name: new[name] for name in new if name != "rope_theta"}
    return lost


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    plain = {name: value for name, value in LLAMA.items() if name != "rope_theta"}
    new = {"rope_type": "default", "rope_theta": 500000.0}

    def of(
        outcome: Outcome, config: Mapping[str, Any], version: str, engine: str | None = None
    ) -> Example:
        made = computer(package("transformers", version))
        return Example(
            outcome=outcome,
            snapshot=world(folder(config=config), made),
            intent=Intent(engine=engine),
        )

    yield of(Outcome.FAIL, {**plain, "rope_parameters": new}, "4.57.1")
    yield of(Outcome.WARN, {**plain, "rope_parameters": new}, "4.57.1", "vllm")
    yield of(Outcome.PASS, {**plain, "rope_parameters": new}, "5.0.0")
    scaled = {"rope_type": "yarn", "rope_theta": 10000.0, "factor": 4.0}
    yield of(Outcome.FAIL, {**plain, "rope_parameters": scaled}, "4.57.1")
    default = {"rope_type": "default", "rope_theta": 10000.0}
    yield of(Outcome.SKIP, {**plain, "rope_parameters": default}, "4.57.1")
    yield of(Outcome.SKIP, {**LLAMA, "rope_parameters": new}, "4.57.1")
    yield of(Outcome.SKIP, LLAMA, "4.57.1")
