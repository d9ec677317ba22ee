"""Runs of models by their published configs, sized on a machine of H100s."""

import json
from pathlib import Path
from typing import Any

from firstmile.check.intent import Action, Intent
from firstmile.check.memory import Place, Sizing, estimate
from firstmile.check.worlds import folder, gpu, machine, world

CONFIGS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "published_configs.json").read_text(encoding="utf-8")
)
H100 = [gpu("NVIDIA H100 80GB HBM3", 79.6, "9.0", index=place) for place in range(8)]


def sized(name: str, intent: Intent, count: int = 1, gib: float = 512) -> Sizing:
    there = world(folder(config=CONFIGS[name]), machine(gpus=H100[:count], memory_gib=gib))
    found = estimate(there, intent)
    assert isinstance(found, Sizing)
    return found


def device(found: Sizing) -> Place:
    assert found.device is not None
    return found.device


def serve(**said: Any) -> Intent:
    return Intent(action=Action.SERVE, engine="vllm", **said)
