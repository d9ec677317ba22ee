"""The disk of the Hub cache has room for the model that is to be downloaded.

Why: a model that is named by its Hub id is downloaded into the cache, by default in the home
folder, which is small in many containers and clusters. A full disk ends in "OSError: [Errno 28] No
space left on device", after half of the download. What a name says of its size (8B) is two bytes
for each parameter in half precision.

Fix: point HF_HOME to a larger disk, or delete models that are no longer needed: hf cache ls, then
hf cache rm.
"""

import re
from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package, room
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
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.hub_cache import cache_key
from firstmile.facts.sizes import GIB
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="hardware/cpu-memory",
    entries=("disk-is-full-while-files-are-written",),
    references=("https://huggingface.co/docs/huggingface_hub/guides/manage-cache",),
)
_SIZE: Final = re.compile(
    r"(?<![\w.])(?:(\d{1,3})x)?(\d{1,4}(?:\.\d{1,2})?)B(?![a-z])", re.IGNORECASE
)
_BYTES: Final = (
    (re.compile(r"4bit|int4|awq|gptq|nf4|mxfp4|fp4|w4a16", re.IGNORECASE), 0.6),
    (re.compile(r"8bit|int8|fp8|w8a8", re.IGNORECASE), 1.0),
)
_LEAST: Final = GIB // 2


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare the free room with what the model's name says of its size."""
    name = intent.model
    if snapshot.model is not None or name is None or name.count("/") != 1 or name[0] in "./~":
        return does_not_apply("the command names no model of the Hub by its id")
    if intent.engine in ("llama.cpp", "ollama"):
        return does_not_apply("the engine keeps models in a cache of its own")
    environment = snapshot.environment
    cache = environment.folder("Hugging Face cache") if environment is not None else None
    if environment is None or cache is None:
        return not_known("the room in the Hub cache")
    if cache_key(name) in (environment.cached_repositories or ()):
        return does_not_apply("the Hub cache holds files of the model")
    free = seen(f"{cache.free_bytes / GIB:,.1f} GiB are free in {cache.path}")
    remedy = "Set HF_HOME to a folder on a larger disk."
    if cache.free_bytes < _LEAST:
        return failed("The disk of the Hub cache is full.", free, remedy=remedy)
    size = _size(name.rpartition("/")[2])
    if size is None:
        return not_known("the size of the model, which its name does not say")
    about = seen(f"{name}: about {size / GIB:,.0f} GiB by its name")
    if cache.free_bytes < size:
        return warned(
            f"About {size / GIB:,.0f} GiB are to be downloaded, but only "
            f"{cache.free_bytes / GIB:,.1f} GiB are free.",
            free,
            about,
            remedy=remedy,
        )
    return passed("By what its name says the model fits into the Hub cache.", free, about)


def _size(name: str) -> int | None:
    """Return bytes by the number of parameters in a name; of several the first."""
    found = _SIZE.search(name.replace("_", "-"))
    if found is None:
        return None
    parameters = float(found[2]) * int(found[1] or 1) * 10**9
    width = next((each for pattern, each in _BYTES if pattern.search(name)), 2.0)
    return int(parameters * width)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, model: str, free_gib: float, *cached: str) -> Example:
        made = computer(
            package("transformers", "4.57.1"),
            folders=[room("Hugging Face cache", free_gib=free_gib)],
            cached=[cache_key(each) for each in cached],
        )
        asked = Intent(engine="vllm", model=model)
        return Example(outcome=outcome, snapshot=world(environment=made), intent=asked)

    yield of(Outcome.PASS, "Qwen/Qwen3-8B", 20)
    yield of(Outcome.WARN, "Qwen/Qwen3-8B", 10)
    yield of(Outcome.PASS, "Qwen/Qwen3-8B-AWQ", 10)
    yield of(Outcome.WARN, "mistralai/Mixtral-8x7B-Instruct-v0.1", 60)
    yield of(Outcome.FAIL, "openai-community/gpt2", 0.1)
    yield of(Outcome.SKIP, "openai-community/gpt2", 10)
    yield of(Outcome.SKIP, "Qwen/Qwen3-8B", 10, "Qwen/Qwen3-8B")
    local = world(folder(config=LLAMA))
    yield Example(outcome=Outcome.SKIP, snapshot=local, intent=Intent(model="./model"))
