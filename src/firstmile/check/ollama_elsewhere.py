"""Models that Ollama runs on other machines than the one that was read."""

import re
from typing import Final

from firstmile.check.installed import value_of
from firstmile.check.intent import Action, Intent
from firstmile.facts.snapshot import Snapshot

_CLOUD: Final = re.compile(r"[:-]cloud$")
"""Tags of models that run in Ollama's cloud (https://docs.ollama.com/cloud)."""
_HERE: Final = re.compile(
    r"(?i)(?:https?://)?(?:localhost|0\.0\.0\.0|127\.[\d.]{5,11}|\[::1?\])?(?::\d{1,5})?/?"
)
"""Addresses of this machine, as OLLAMA_HOST may be written."""


def elsewhere(snapshot: Snapshot, intent: Intent) -> str | None:
    """Return where else a model of Ollama runs; None where it runs here, or by another engine."""
    if intent.engine != "ollama":
        return None
    if _CLOUD.search(intent.model or ""):
        return "the model runs in Ollama's cloud"
    host = value_of(snapshot, intent, "OLLAMA_HOST") or ""
    if intent.action is Action.GENERATE and _HERE.fullmatch(host.strip()) is None:
        return "OLLAMA_HOST names another machine"
    return None
