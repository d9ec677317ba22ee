"""The installed transformers has the class that tokenizer_config.json names.

Why: transformers builds the class that `tokenizer_class` names, and stops where it has none:
"Tokenizer class TokenizersBackend does not exist or is not currently imported". That name is
what transformers 5 writes whenever it saves a tokenizer, so a model that was trained there does
not start in an engine that still runs on transformers 4.

Fix: raise transformers where the model runs, or put the class of the base model back into
tokenizer_config.json.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import version_of
from firstmile.check.intent import Intent
from firstmile.check.releases import older
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    stated,
)
from firstmile.check.worlds import folder, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/tokenizer",
    cause="environment/dependency-library",
    entries=("tokenizer-class-is-newer-than-transformers",),
    references=("https://github.com/huggingface/transformers/blob/main/MIGRATION_GUIDE_V5.md",),
)
_SINCE: Final = {
    "Qwen2Tokenizer": "4.37.0",
    "Qwen2TokenizerFast": "4.37.0",
    "GemmaTokenizer": "4.38.0",
    "GemmaTokenizerFast": "4.38.0",
    "CohereTokenizerFast": "4.39.0",
    "TokenizersBackend": "5.0.0",
    "SentencePieceBackend": "5.0.0",
    "PythonBackend": "5.0.0",
    "MistralCommonBackend": "5.0.0",
}
"""The first release of transformers with a class, seen in its packages."""
_PATH: Final = "tokenizer_config.json"


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold the class against the installed release."""
    if intent.engine in ("llama.cpp", "ollama"):
        return does_not_apply("this engine reads no tokenizer_config.json")
    if snapshot.model is None:
        return not_known("the model's folder")
    config = snapshot.model.document(_PATH) or {}
    name = config.get("tokenizer_class")
    if not isinstance(name, str):
        return does_not_apply("the folder names no tokenizer class")
    if isinstance(config.get("auto_map"), dict) and intent.trust_remote_code:
        return does_not_apply("the class is in the folder's own code")
    since = _SINCE.get(name)
    if since is None:
        return not_known(f"which releases of transformers have {name}")
    installed = version_of(snapshot, "transformers")
    too_old = older(installed, since)
    if installed is None or too_old is None:
        return not_known("which transformers is installed where the model will run")
    proof = (stated(_PATH, "tokenizer_class", name), seen(f"transformers {installed}"))
    if not too_old:
        return passed(f"Transformers {installed} has {name}.", *proof)
    older_name = "PreTrainedTokenizerFast"
    instead = (
        f", or put {older_name} as tokenizer_class into {_PATH}"
        if name == "TokenizersBackend"
        else ""
    )
    return failed(
        f"Transformers {installed} has no {name}, which came with {since}.",
        *proof,
        remedy=f'Run python -m pip install --upgrade "transformers>={since}"{instead}.',
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(name: str | None, installed: str | None) -> Snapshot:
        tree = {"tokenizer_class": name} if name else {}
        packages = {"transformers": installed} if installed else {}
        return world(folder(documents={_PATH: tree}), machine(packages=packages))

    yield Example(
        outcome=Outcome.FAIL,
        snapshot=of("TokenizersBackend", "4.57.1"),
        says="no TokenizersBackend",
    )
    yield Example(outcome=Outcome.FAIL, snapshot=of("Qwen2Tokenizer", "4.36.2"), says="4.37.0")
    yield Example(outcome=Outcome.PASS, snapshot=of("TokenizersBackend", "5.0.0"))
    yield Example(outcome=Outcome.PASS, snapshot=of("Qwen2Tokenizer", "4.37.0"))
    yield Example(outcome=Outcome.SKIP, snapshot=of("LlamaTokenizer", "4.30.0"), says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=of("Qwen2Tokenizer", None), says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=of(None, "5.0.0"), says="does not apply")
