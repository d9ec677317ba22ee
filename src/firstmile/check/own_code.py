"""Custom code of a model folder: whether a load needs it, and which files it would take."""

from collections.abc import Mapping
from typing import Any

from firstmile.check.intent import Intent
from firstmile.facts.environment import Interpreter
from firstmile.facts.model_folder.folder import Code, ModelFolder

_ENGINES_OF_TRANSFORMERS = (
    None,
    "transformers",
    "trl",
    "accelerate",
    "deepspeed",
    "torchrun",
    "axolotl",
    "llama-factory",
)


def uses_transformers(intent: Intent) -> bool:
    """Say whether the model's classes are transformers' own; True where no engine is named."""
    return intent.engine in _ENGINES_OF_TRANSFORMERS


def model_type_of(model: ModelFolder, intent: Intent) -> str | None:
    """Return the model type of a config, or what the command puts in its place."""
    said = intent.overrides.get("model_type") or (model.config or {}).get("model_type")
    return said if isinstance(said, str) and said else None


def known_model_types(python: Interpreter, intent: Intent) -> frozenset[str] | None:
    """Return the model types that engine and transformers know; None where not read."""
    own = python.names_known("transformers", "model types")
    if own is None:
        return None
    more = python.names_known("vllm", "model types") if intent.engine == "vllm" else ()
    return frozenset((*own, *(more or ())))


def auto_map(tree: Mapping[str, Any] | None) -> dict[str, str]:
    """Return the classes that a config or tokenizer config takes from code, by their auto class."""
    said = (tree or {}).get("auto_map")
    if not isinstance(said, Mapping):
        return {}
    found = {}
    for name, place in said.items():
        first = next((one for one in place if one), None) if isinstance(place, list) else place
        if isinstance(first, str):
            found[str(name)] = first
    return found


def code_that_runs(model: ModelFolder) -> tuple[Code, ...]:
    """Return the files that the folder's configs name in their `auto_map`."""
    named = set()
    for path in ("config.json", "tokenizer_config.json", "preprocessor_config.json"):
        for place in auto_map(model.document(path)).values():
            named.add(place.rpartition("--")[2].rpartition(".")[0] + ".py")
    return tuple(each for each in model.code if each.path in named)


def runs_own_code(model: ModelFolder, python: Interpreter | None, intent: Intent) -> bool | None:
    """Say whether a load runs the folder's code; None where that is not known.

    It does where it is allowed, or where the model cannot be loaded without it.
    """
    if not auto_map(model.config) and not auto_map(model.document("tokenizer_config.json")):
        return False
    if intent.trust_remote_code is not None:
        return intent.trust_remote_code
    known = known_model_types(python, intent) if python is not None else None
    kind = model_type_of(model, intent)
    return None if known is None or kind is None else kind not in known
