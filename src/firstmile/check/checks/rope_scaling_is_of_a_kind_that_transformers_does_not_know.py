"""The kind of RoPE scaling is one that the installed transformers has.

Why: before 4.43 transformers had the kinds linear and dynamic alone: the config of Llama 3.1 ends
there in "`rope_scaling` must be a dictionary with two fields, `type` and `factor`". A kind that no
release has, such as a misspelled one, ends in a KeyError that shows the word alone.

Fix: install a newer transformers, or write the kind as it is spelled: linear, dynamic, yarn,
longrope, llama3.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from firstmile.check.installed import (
    installed_release,
    version_of,
)
from firstmile.check.intent import Intent
from firstmile.check.model_sizes import (
    config_of,
    sizes_of,
    unknown_config,
)
from firstmile.check.rope import KNOWN, scalings_of
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
from firstmile.check.worlds import LLAMA, folder, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="environment/dependency-library",
    entries=("rope-scaling-of-the-config-is-newer-than-transformers",),
    references=(
        "https://github.com/huggingface/transformers/blob/main/src/transformers/modeling_rope_utils.py",
        "https://github.com/huggingface/transformers/releases/tag/v4.43.0",
    ),
)
_OF_CLASSES: Final = {"mrope": ("qwen", "glm", "ernie", "paddle", "keye"), "su": ("phi",)}
"""Kinds that the classes of some models turn into another one."""
_SINCE_5: Final = ("proportional", "axial")
_BEFORE: Final = ("linear", "dynamic")
_PYTHON: Final = (None, "transformers", "trl", "accelerate", "deepspeed", "torchrun", "axolotl",
                  "llama-factory")  # fmt: skip


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare the kind with those that releases of transformers have."""
    if intent.engine not in _PYTHON:
        return does_not_apply("the engine has its own kinds of RoPE scaling")
    config = config_of(snapshot)
    sizes = sizes_of(snapshot)
    if config is None or sizes is None:
        return unknown_config()
    kinds = [each.kind for each in scalings_of(sizes.rope) if each.kind != "default"]
    if not kinds:
        return does_not_apply("the config sets no RoPE scaling")
    if config.get("auto_map"):
        return not_known("what the model's own code makes of its RoPE scaling")
    version = version_of(snapshot, "transformers")
    release = installed_release(snapshot, "transformers")
    kind = kinds[0]
    proof = [stated("config.json", "rope_scaling", dict(sizes.rope or {}))]
    if version:
        proof.append(seen(f"transformers {version} is installed"))
    model = (sizes.model_type or "").lower()
    if any(mark in model for mark in _OF_CLASSES.get(kind, ())):
        return passed(f"The class of {sizes.model_type} knows the kind {kind}.", *proof)
    if kind in _SINCE_5:
        if release is None:
            return not_known("the installed transformers")
        if release < (5, 0):
            return failed(
                f"The RoPE scaling is of the kind {kind}, which transformers has from 5.0 on.",
                *proof,
                remedy='Install a newer one: pip install "transformers>=5.0".',
            )
    elif kind not in KNOWN:
        return failed(
            f"No release of transformers is known to have RoPE scaling of the kind {kind}.",
            *proof,
            remedy="Write it as it is spelled: linear, dynamic, yarn, longrope or llama3.",
        )
    if release is None:
        return not_known("the installed transformers")
    if release < (4, 43) and kind not in _BEFORE and model == "llama":
        return failed(
            f"The RoPE scaling is of the kind {kind}, which transformers has from 4.43 on.",
            *proof,
            remedy='Install a newer one: pip install "transformers>=4.43".',
        )
    return passed(f"The installed transformers has RoPE scaling of the kind {kind}.", *proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(rope: Mapping[str, Any], version: str | None = "4.57.1", **more: Any) -> Snapshot:
        there = machine(packages={"transformers": version}) if version else None
        return world(folder(config={**LLAMA, "rope_scaling": rope, **more}), there)

    llama = {"rope_type": "llama3", "factor": 8.0}
    yield Example(outcome=Outcome.PASS, snapshot=of(llama))
    yield Example(outcome=Outcome.PASS, snapshot=of(llama, "4.43.0"))
    yield Example(outcome=Outcome.FAIL, snapshot=of(llama, "4.42.4"), says="from 4.43 on")
    old = {"type": "linear", "factor": 2.0}
    yield Example(outcome=Outcome.PASS, snapshot=of(old, "4.36.0"))
    yield Example(outcome=Outcome.FAIL, snapshot=of({"type": "yarm", "factor": 4.0}), says="yarm")
    yield Example(outcome=Outcome.FAIL, snapshot=of({"type": "su"}), says="kind su")
    phi = {"type": "su", "short_factor": [1.0], "long_factor": [1.0]}
    yield Example(outcome=Outcome.PASS, snapshot=of(phi, model_type="phi3"))
    qwen = {"type": "mrope", "mrope_section": [16, 24, 24]}
    yield Example(outcome=Outcome.PASS, snapshot=of(qwen, model_type="qwen2_5_vl"))
    yield Example(
        outcome=Outcome.FAIL, snapshot=of({"rope_type": "proportional"}), says="from 5.0 on"
    )
    own = of({"type": "own"}, auto_map={"AutoConfig": "configuration_x.C"})
    yield Example(outcome=Outcome.SKIP, snapshot=own, says="own code")
    yield Example(outcome=Outcome.SKIP, snapshot=of(llama, None), says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=of({}), says="does not apply")
    vllm = Intent(engine="vllm")
    yield Example(outcome=Outcome.SKIP, snapshot=of(llama), intent=vllm, says="does not apply")
