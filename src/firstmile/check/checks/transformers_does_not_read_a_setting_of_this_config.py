"""The installed transformers reads every setting of the config that gives tensors their shapes.

Why: a release passes over settings that came after it, without a word. One from before grouped
heads reads Llama 2 70B as if each head had keys of its own: "shape '[1, 28, 64, 128]' is invalid
for input of size 28672". One that does not know head_dim refuses the shapes of Mistral Nemo.

Fix: upgrade transformers to the release that reads the setting.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import msgspec

from firstmile.check.installed import (
    installed,
    installed_release,
    package_of,
)
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.model_sizes import config_of, unknown_config
from firstmile.check.own_code import auto_map, uses_transformers
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, stated
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/shape-error",
    cause="environment/dependency-library",
    references=(
        "https://github.com/huggingface/transformers/releases/tag/v4.31.0",
        "https://github.com/huggingface/transformers/pull/32050",
    ),
)


def _grouped(config: Mapping[str, Any]) -> bool:
    keys, heads = config.get("num_key_value_heads"), config.get("num_attention_heads")
    return isinstance(keys, int) and isinstance(heads, int) and keys != heads


def _odd_width(config: Mapping[str, Any]) -> bool:
    width, size = config.get("head_dim"), config.get("hidden_size")
    heads = config.get("num_attention_heads")
    if not (isinstance(width, int) and isinstance(size, int) and isinstance(heads, int)):
        return False
    return heads > 0 and width != size // heads


class _Setting(msgspec.Struct, frozen=True):
    """A setting that models of a type have, and the release from which it is read."""

    kind: str
    name: str
    asks: Callable[[Mapping[str, Any]], bool]
    since: tuple[int, int]


_SETTINGS: Final = (
    _Setting("llama", "num_key_value_heads", _grouped, (4, 31)),
    _Setting("llama", "head_dim", _odd_width, (4, 45)),
    _Setting("mistral", "head_dim", _odd_width, (4, 43)),
)
"""Looked up in modeling_llama.py of 4.30.2, 4.31.0, 4.44.2 and 4.45.0, and modeling_mistral.py of
4.42.4 and 4.43.0."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look up since when the settings of the config are read."""
    if not uses_transformers(intent):
        return does_not_apply(f"{intent.engine} reads configs by itself")
    config = config_of(snapshot)
    if config is None:
        return unknown_config()
    if "AutoModelForCausalLM" in auto_map(config):
        return does_not_apply("the model brings code of its own")
    asked = [
        each for each in _SETTINGS if each.kind == config.get("model_type") and each.asks(config)
    ]
    if not asked:
        return does_not_apply("no setting is stated that a release is known to pass over")
    library = package_of(snapshot, "transformers")
    release = installed_release(snapshot, "transformers")
    if library is None or release is None:
        return not_known("the installed transformers")
    newest = max(asked, key=lambda one: one.since)
    proof = (
        stated("config.json", newest.name, config.get(newest.name)),
        installed(library),
    )
    if release >= newest.since:
        return passed("The installed transformers reads it.", *proof)
    since = ".".join(map(str, newest.since))
    return failed(
        f"The transformers {library.version} passes over {newest.name}, which it reads from "
        f"{since} on: tensors have other shapes than it takes.",
        *proof,
        remedy=f'pip install -U "transformers>={since}"',
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, version: str, says: str = "", **more: Any) -> Example:
        here = computer(package("transformers", version), package("torch", "2.1.0"))
        made = folder(config={**LLAMA, **more})
        return Example(outcome=outcome, snapshot=world(made, here), says=says)

    yield of(Outcome.FAIL, "4.30.2", says="4.31 on")
    yield of(Outcome.PASS, "4.31.0")
    yield of(Outcome.SKIP, "4.28.1", num_key_value_heads=32)
    yield of(Outcome.FAIL, "4.44.2", head_dim=64)
    yield of(Outcome.PASS, "4.44.2", head_dim=128)
    nemo: dict[str, Any] = {"model_type": "mistral", "hidden_size": 5120, "head_dim": 128}
    yield of(Outcome.FAIL, "4.42.4", **nemo)
    yield of(Outcome.PASS, "4.43.0", **nemo)
    yield of(Outcome.SKIP, "4.28.1", auto_map={"AutoModelForCausalLM": "modeling_x.X"})
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder(config=LLAMA)), says="not known")
