"""The RoPE scaling of the config, or of the command, states all that its kind needs.

Why: each kind of scaling has settings that it cannot do without: linear, dynamic and yarn a
factor, longrope two lists, llama3 a factor and two frequencies. Where one is missing transformers
stops with KeyError "Missing required keys in `rope_parameters`", and a factor that is a text
rather than a number stops the first step.

Fix: write the missing settings down as the model's makers publish them, numbers without quotes.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.model_sizes import (
    config_of,
    sizes_of,
    unknown_config,
)
from firstmile.check.rope import NEEDED, Scaling, scalings_of
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="configuration/inference",
    references=(
        "https://github.com/huggingface/transformers/blob/main/src/transformers/modeling_rope_utils.py",
    ),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for each setting that the kind of scaling needs."""
    config = config_of(snapshot)
    if intent.engine in ("llama.cpp", "ollama"):
        return does_not_apply("the engine takes no such settings from a config")
    if config is None and not intent.rope_scaling:
        return unknown_config()
    sizes = sizes_of(snapshot)
    of_command = scalings_of(intent.rope_scaling)
    found = of_command or scalings_of(sizes.rope if sizes else None)
    found = tuple(each for each in found if each.kind != "default")
    if not found:
        return does_not_apply("no RoPE scaling is set")
    for each in found:
        wrong = _wrong(each)
        if wrong is not None:
            where = "the command" if of_command else "config.json"
            quote = seen(f"rope_scaling = {dict(each.stated)}", file=None if of_command else where)
            return failed(
                f"The RoPE scaling of kind {each.kind} {wrong}.",
                quote,
                remedy=f"Set {', '.join(NEEDED[each.kind])} of the RoPE scaling in {where}, "
                "as the model's makers publish it.",
            )
    kinds = ", ".join(sorted({each.kind for each in found}))
    return passed(
        f"The RoPE scaling ({kinds}) states all that it needs.",
        seen(f"rope_scaling = {dict(found[0].stated)}"),
    )


def _wrong(scaling: Scaling) -> str | None:
    missing = [name for name in NEEDED.get(scaling.kind, ()) if scaling.stated.get(name) is None]
    if missing:
        return f"lacks {' and '.join(missing)}"
    said = scaling.stated.get("factor")
    if "factor" in NEEDED.get(scaling.kind, ()) and scaling.factor is None:
        return f"has a factor that is no number: {said!r}"
    return None


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(rope: Mapping[str, Any], key: str = "rope_scaling") -> Snapshot:
        return world(folder(config={**LLAMA, key: rope}))

    yield Example(outcome=Outcome.FAIL, snapshot=of({"rope_type": "yarn"}), says="lacks factor")
    yield Example(
        outcome=Outcome.FAIL, snapshot=of({"type": "linear", "factor": "4"}), says="no number"
    )
    llama = {"rope_type": "llama3", "factor": 8.0, "original_max_position_embeddings": 8192}
    yield Example(outcome=Outcome.FAIL, snapshot=of(llama), says="low_freq_factor")
    whole = {**llama, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
    yield Example(outcome=Outcome.PASS, snapshot=of(whole))
    yield Example(outcome=Outcome.PASS, snapshot=of({"type": "dynamic", "factor": 2}))
    phi = {"type": "longrope", "short_factor": [1.0], "long_factor": [1.0]}
    yield Example(outcome=Outcome.PASS, snapshot=of(phi))
    gemma = {
        "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 1e6},
        "sliding_attention": {"rope_type": "default", "rope_theta": 1e4},
    }
    yield Example(outcome=Outcome.PASS, snapshot=of(gemma, "rope_parameters"))
    asked = Intent(engine="vllm", rope_scaling={"rope_type": "yarn"})
    yield Example(
        outcome=Outcome.FAIL, snapshot=of({}), intent=asked, says="kind yarn lacks factor"
    )
    plain = {"rope_type": "default", "rope_theta": 1e6}
    yield Example(outcome=Outcome.SKIP, snapshot=of(plain, "rope_parameters"))
    yield Example(outcome=Outcome.SKIP, snapshot=of({}), says="does not apply")
