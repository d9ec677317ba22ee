"""In offline mode the model that the command names lies in the Hub cache.

Why: HF_HUB_OFFLINE=1 (TRANSFORMERS_OFFLINE=1) forbids every request. A model that is named by its
Hub id and is not in the cache of this user ends in "We couldn't connect to huggingface.co to load
the files, and couldn't find them in the cached files" or "LocalEntryNotFoundError".

Fix: download it first, with the variable unset: hf download OWNER/NAME; or name a local folder.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import runs_python, value_of
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.other_hubs import OFFLINE, is_set, other_hub
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.words_to_copy import text_word
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.hub_cache import cache_key
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="configuration/inference",
    entries=("hub-cannot-be-reached-and-nothing-is-cached",),
    references=(
        "https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables",
    ),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look the model's id up among the cached ones."""
    if not runs_python(intent):
        return does_not_apply("the engine loads models by a client of its own")
    environment = snapshot.environment
    if environment is None:
        return not_known("the environment variables")
    offline = is_set(snapshot, intent, OFFLINE)
    if offline is None:
        return does_not_apply("offline mode is not set")
    if snapshot.model is not None or not _is_id(intent.model):
        return does_not_apply("the command names no model of the Hub by its id")
    if (other := other_hub(snapshot, intent)) is not None:
        return not_known(f"what the cache of the other hub holds ({other} is set)")
    if environment.cached_repositories is None:
        return not_known("what the Hub cache holds")
    proof = (
        seen(f"{offline} = {value_of(snapshot, intent, offline)}"),
        seen(f"model = {intent.model}"),
    )
    if cache_key(intent.model or "") in environment.cached_repositories:
        return passed(f"The Hub cache holds files of {intent.model}.", *proof)
    return failed(
        f"Offline mode is set, and {intent.model} is not in the Hub cache.",
        *proof,
        remedy=f"{offline}=0 hf download {text_word(intent.model or 'OWNER/NAME')}, where there "
        "is a network.",
    )


def _is_id(model: str | None) -> bool:
    return (
        model is not None
        and model.count("/") == 1
        and not model.startswith((".", "/", "~"))
        and not model.endswith(("/", ".gguf"))
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    name = "Qwen/Qwen3-8B"

    def of(outcome: Outcome, value: str, *cached: str, model: str = name) -> Example:
        made = computer(
            package("transformers", "4.57.1"), cached=[cache_key(each) for each in cached]
        )
        asked = Intent(engine="vllm", model=model, variables={"HF_HUB_OFFLINE": value})
        return Example(outcome=outcome, snapshot=world(environment=made), intent=asked)

    yield of(Outcome.PASS, "1", name)
    yield of(Outcome.FAIL, "1", "Qwen/Qwen3-4B")
    yield of(Outcome.FAIL, "true")
    yield of(Outcome.SKIP, "0")
    yield of(Outcome.SKIP, "1", model="./model")
    offline = {"HF_HUB_OFFLINE": "1"}
    empty = world(environment=computer(cached=()))
    gguf = Intent(engine="llama.cpp", model="ggml-org/gemma-3-1b-it-GGUF", variables=offline)
    yield Example(outcome=Outcome.SKIP, snapshot=empty, intent=gguf)
    scope = Intent(engine="vllm", model=name, variables={**offline, "VLLM_USE_MODELSCOPE": "1"})
    yield Example(outcome=Outcome.SKIP, snapshot=empty, intent=scope, says="not known")
    there = world(folder(config=LLAMA), computer(cached=()))
    yield Example(outcome=Outcome.SKIP, snapshot=there)
