"""Scaling for long texts (YaRN) is on only where the context is longer than the model's own.

Why: engines apply YaRN with one factor for all texts, however short. The makers of Qwen name it
for long texts alone, as it makes the answers to short ones a little worse. Models that were
trained with it, such as DeepSeek and gpt-oss, are not meant.

Fix: leave the scaling out while the context stays within the model's own, or take a factor no
larger than the context needs.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec.structs import replace

from firstmile.check.intent import Intent
from firstmile.check.model_sizes import (
    sizes_of,
    unknown_config,
)
from firstmile.check.rope import plain_scaling
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, not_known, passed, seen, warned
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/capability-degradation",
    cause="configuration/inference",
    stage="inference",
    references=(
        "https://qwen.readthedocs.io/en/latest/deployment/vllm.html",
        "https://huggingface.co/Qwen/Qwen3-8B#processing-long-texts",
    ),
)
_WITHOUT: Final = ("qwen2", "qwen3", "llama", "mistral")
"""Families that are published without YaRN: where it stands in the config, somebody added it."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold the context against the positions before the scaling."""
    sizes = sizes_of(snapshot)
    if sizes is None:
        return unknown_config()
    scaling = plain_scaling(intent.rope_scaling or sizes.rope)
    if scaling is None or scaling.kind != "yarn" or not scaling.stretches:
        return does_not_apply("no YaRN scaling is set")
    model = (sizes.model_type or "").lower()
    if not intent.rope_scaling and not model.startswith(_WITHOUT):
        return does_not_apply("the model was trained with its scaling")
    start = scaling.original or sizes.positions
    if intent.context is None or start is None:
        return not_known("how long the texts will be: the command asks for no context")
    proof = (
        seen(
            f"rope_scaling = {dict(scaling.stated)}",
            file=None if intent.rope_scaling else "config.json",
        ),
        seen(f"context = {intent.context:,}"),
    )
    if intent.context <= start:
        return warned(
            f"YaRN is on, though a context of {intent.context:,} needs none: the model reads "
            f"{start:,} by itself.",
            *proof,
            remedy="Leave the rope_scaling out.",
        )
    return passed(f"A context of {intent.context:,} needs the scaling.", *proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    yarn = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}

    def of(kind: str, rope: Mapping[str, Any] | None = None) -> Snapshot:
        made = {**LLAMA, "model_type": kind, "max_position_embeddings": 40960}
        return world(folder(config={**made, "rope_scaling": rope} if rope else made))

    short = Intent(engine="vllm", context=16384)
    long = Intent(engine="vllm", context=65536)
    yield Example(outcome=Outcome.WARN, snapshot=of("qwen3", yarn), intent=short, says="needs none")
    yield Example(outcome=Outcome.PASS, snapshot=of("qwen3", yarn), intent=long)
    asked = replace(short, rope_scaling=yarn)
    yield Example(outcome=Outcome.WARN, snapshot=of("qwen3"), intent=asked)
    yield Example(outcome=Outcome.SKIP, snapshot=of("deepseek_v3", yarn), intent=short)
    yield Example(outcome=Outcome.SKIP, snapshot=of("gpt_oss", yarn), intent=short)
    yield Example(outcome=Outcome.SKIP, snapshot=of("qwen3", yarn), says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=of("qwen3"), intent=short, says="does not apply")
