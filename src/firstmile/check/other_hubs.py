"""Variables by which engines load from another hub than Hugging Face's, or from none."""

from collections.abc import Mapping
from typing import Final

from firstmile.check.installed import value_of
from firstmile.check.intent import Intent
from firstmile.facts.snapshot import Snapshot

OF_OTHER_HUBS: Final[Mapping[str, tuple[str, ...]]] = {
    "vllm": ("VLLM_USE_MODELSCOPE",),
    "sglang": ("SGLANG_USE_MODELSCOPE",),
    "lmdeploy": ("LMDEPLOY_USE_MODELSCOPE", "LMDEPLOY_USE_OPENMIND_HUB"),
    "llama-factory": ("USE_MODELSCOPE_HUB", "USE_OPENMIND_HUB"),
}
"""Of each engine; the others ask Hugging Face's alone."""
OFFLINE: Final = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
"""By which nothing is asked of the Hub."""
_TRUE: Final = frozenset(("1", "ON", "YES", "TRUE"))


def other_hub(snapshot: Snapshot, intent: Intent) -> str | None:
    """Return the variable by which the engine loads from another hub, None where it does not."""
    return is_set(snapshot, intent, OF_OTHER_HUBS.get(intent.engine or "", ()))


def is_set(snapshot: Snapshot, intent: Intent, names: tuple[str, ...]) -> str | None:
    """Return the first of some variables that is set to a word of truth."""
    for name in names:
        if (value_of(snapshot, intent, name) or "").strip().upper() in _TRUE:
            return name
    return None
