"""The server's highest rank of adapters is no lower than the rank of the adapter.

Why: vLLM lays out memory for adapters when it starts, by --max-lora-rank, which is 16 unless it is
set. An adapter of a higher rank is refused when it is loaded: "LoRA rank 64 is greater than
max_lora_rank 16". The flag takes 1, 8, 16, 32, 64, 128, 256, 320 and 512 alone. SGLang takes the
highest rank of the adapters that it is started with, and refuses one above --max-lora-rank where
that is set.

Fix: set --max-lora-rank to the rank of the adapter, or the next of these numbers.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec.structs import replace

from firstmile.check.intent import Action, Intent
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
from firstmile.check.worlds import folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="configuration/inference",
    stage="inference",
    entries=("lora-rank-is-above-the-server-limit",),
    references=(
        "https://github.com/vllm-project/vllm/blob/main/vllm/config/lora.py",
        "https://docs.sglang.ai/advanced_features/lora.html",
    ),
)
_DEFAULT: Final = 16
_RANKS: Final = (1, 8, 16, 32, 64, 128, 256, 320, 512)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare the limit with the rank that the adapter states, and with what the flag takes."""
    if intent.engine not in ("vllm", "sglang"):
        return does_not_apply("the engine is neither vLLM nor SGLang")
    limit = intent.lora_rank_limit
    if intent.engine == "sglang" and limit is None:
        return does_not_apply("SGLang takes the rank of the adapters that it is given")
    if intent.engine == "vllm" and limit is not None and limit not in _RANKS:
        nearest = next((one for one in _RANKS if one >= limit), _RANKS[-1])
        return failed(
            f"--max-lora-rank does not take {limit}.",
            seen(f"max_lora_rank = {limit}"),
            remedy=f"Set --max-lora-rank {nearest}.",
        )
    config = snapshot.model.document("adapter_config.json") if snapshot.model else None
    if config is None:
        if intent.adapter is None:
            return does_not_apply("the command names no adapter")
        return not_known("the rank of the adapter, whose folder was not read")
    ranks = [config.get("r"), *_of_patterns(config.get("rank_pattern"))]
    known = [one for one in ranks if isinstance(one, int) and not isinstance(one, bool)]
    if not known:
        return not_known("the rank of the adapter, which adapter_config.json does not state")
    rank = max(known)
    quote = stated("adapter_config.json", "r", rank)
    most = limit or _DEFAULT
    said = seen(f"max_lora_rank = {most}" if limit else f"max_lora_rank is {most} unless it is set")
    if rank <= most:
        return passed(f"A rank of {rank} is within the limit of {most}.", quote, said)
    right = next((one for one in _RANKS if one >= rank), None)
    right = rank if intent.engine == "sglang" else right
    return failed(
        f"The adapter has a rank of {rank}, the server a limit of {most}.",
        quote,
        said,
        remedy=f"Set --max-lora-rank {right}." if right else "Merge the adapter into its base.",
    )


def _of_patterns(patterns: Any) -> tuple[Any, ...]:
    return tuple(patterns.values()) if isinstance(patterns, Mapping) else ()


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(rank: int, **more: Any) -> Snapshot:
        made = {"r": rank, "base_model_name_or_path": "base", **more}
        return world(folder(documents={"adapter_config.json": made}, kind="adapter"))

    serve = Intent(action=Action.SERVE, engine="vllm")
    yield Example(outcome=Outcome.FAIL, snapshot=of(64), intent=serve, says="rank of 64")
    yield Example(outcome=Outcome.PASS, snapshot=of(16), intent=serve)
    wide = replace(serve, lora_rank_limit=64)
    yield Example(outcome=Outcome.PASS, snapshot=of(64), intent=wide)
    by_layer = of(8, rank_pattern={"down_proj": 128})
    yield Example(outcome=Outcome.FAIL, snapshot=by_layer, intent=wide, says="128")
    odd = replace(serve, lora_rank_limit=24)
    yield Example(outcome=Outcome.FAIL, snapshot=of(16), intent=odd, says="does not take 24")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=serve, says="does not apply")
    named_one = replace(serve, adapter="./sql")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=named_one, says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=of(64), says="does not apply")
    sglang = Intent(action=Action.SERVE, engine="sglang")
    yield Example(outcome=Outcome.SKIP, snapshot=of(64), intent=sglang, says="takes the rank")
    set_low = replace(sglang, lora_rank_limit=24)
    yield Example(outcome=Outcome.FAIL, snapshot=of(64), intent=set_low, says="rank of 64")
