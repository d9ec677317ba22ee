"""No config and no command, however odd, breaks a check or keeps it busy."""

import time
from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import fields, replace

from firstmile.check.intent import Action, Intent, Training
from firstmile.check.running import judge_one
from firstmile.check.unit import check_id, find_checks
from firstmile.check.verdicts import LONGEST_MESSAGE
from firstmile.check.worlds import LLAMA, folder, machine, world
from firstmile.facts.model_folder.architecture import read_architecture
from firstmile.facts.model_folder.folder import Document, ModelFolder
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ODD: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 3, 10**18, -(10**18), 10**39),
    *(0.0, -1.5, 1e308, float("inf"), float("-inf"), float("nan")),
    *("", "x", "auto", "4096", "float16", "2.3.4", "\x1b[0m", "\ud800", "{{ x }}"),
    *([], {}, [1], ["x"], [None], [[]], [{}], [float("nan")], [10**18], {"a": 1}, {"": None}),
    *({"rope_type": 5, "factor": "x"}, {"rope_type": "yarn", "factor": float("nan")}),
)
FILES = ("config.json", "generation_config.json", "tokenizer_config.json", "adapter_config.json")
SECONDS = 3.0
"""Far above what a check takes, since other work shares the machine: what hangs takes forever."""


@cache
def worlds() -> tuple[tuple[Snapshot, Intent], ...]:
    return tuple(
        (each.snapshot, each.intent) for check in find_checks() for each in check.examples()
    )


@cache
def keys() -> tuple[str, ...]:
    """Return the names of settings that stand in any example."""
    found: set[str] = set(LLAMA)

    def gather(value: Any) -> None:
        if isinstance(value, Mapping):
            for key, inner in value.items():
                found.add(str(key))
                gather(inner)
        elif isinstance(value, list):
            for inner in value:
                gather(inner)

    for snapshot, intent in worlds():
        for document in snapshot.model.documents.values() if snapshot.model else ():
            gather(document.value)
        training = intent.training
        for part in (intent.overrides, intent.rope_scaling, training and training.settings):
            gather(part)
        if training is not None:
            gather(training.deepspeed)
            gather(training.fsdp)
    return tuple(sorted(found))


def spoiled(draw: st.DrawFn, value: Any, depth: int = 0) -> Any:
    """Return a tree in which some values are others, and some keys are gone or new."""
    if depth > 4 or draw(st.integers(0, 7)) == 0:
        return draw(st.sampled_from(ODD))
    if isinstance(value, Mapping):
        changed = draw(st.lists(st.sampled_from(sorted(value)), max_size=4)) if value else []
        tree = {**value, **{key: spoiled(draw, value[key], depth + 1) for key in changed}}
        tree |= draw(st.dictionaries(st.sampled_from(keys()), st.sampled_from(ODD), max_size=6))
        return tree
    return draw(st.sampled_from(ODD))


def spoiled_folder(draw: st.DrawFn, model: ModelFolder | None) -> ModelFolder | None:
    if model is None:
        return None
    documents = dict(model.documents)
    for path in {*documents, draw(st.sampled_from(FILES))}:
        known = documents.get(path)
        tree = spoiled(draw, (known.value if known else None) or {})
        if isinstance(tree, dict):
            documents[path] = Document(path=path, value=tree)
    return replace(model, documents=documents)


def of_kind(kind: str) -> list[Any]:
    """Return odd values of a field by its annotation."""
    if kind == "Mapping[str, str]":
        return [{}, {"CUDA_VISIBLE_DEVICES": "-1,x"}, {"WORLD_SIZE": "9" * 30, "RANK": ""}]
    if kind.startswith("tuple[str"):
        return [(), ("", "x", "\ud800")]
    if kind.startswith("tuple[int, ..."):
        return [(), (0, -1, 10**18)]
    values: dict[str, list[Any]] = {
        "int": [0, 1, -1, 7, 10**18, -(10**18)],
        "float": [0.0, -1.0, 1.0, 1e300, float("inf"), float("nan")],
        "bool": [True, False],
        "str": ["", "x", "auto", "bfloat16", "\ud800"],
    }
    first = kind.partition(" ")[0]
    return values.get(first, []) + ([None] if kind.endswith("| None") else [])


def spoiled_intent(draw: st.DrawFn, given_one: Any) -> Any:
    changes: dict[str, Any] = {}
    for field in fields(given_one):
        value, kind = getattr(given_one, field.name), str(field.type)
        if isinstance(value, msgspec.Struct):
            changes[field.name] = spoiled_intent(draw, value)
        elif draw(st.integers(0, 3)):
            continue
        elif "Mapping[str, Any]" in kind:
            tree = spoiled(draw, value or {})
            changes[field.name] = tree if isinstance(tree, dict) else {}
        elif options := of_kind(kind):
            changes[field.name] = draw(st.sampled_from(options))
    return replace(given_one, **changes)


@st.composite
def spoiled_worlds(draw: st.DrawFn) -> tuple[Snapshot, Intent]:
    place = draw(st.integers(0, len(worlds()) - 1))
    snapshot, intent = worlds()[place]
    if draw(st.booleans()):
        if intent.training is None and draw(st.booleans()):
            intent = replace(intent, action=Action.FINE_TUNE, training=Training())
        intent = spoiled_intent(draw, intent)
    model = spoiled_folder(draw, snapshot.model)
    return replace(snapshot, model=model, base=spoiled_folder(draw, snapshot.base)), intent


@pytest.mark.long
@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(spoiled=spoiled_worlds())
def test_no_check_breaks_or_hangs_at_odd_configs(spoiled: tuple[Snapshot, Intent]) -> None:
    for check in find_checks():
        began = time.process_time()
        found = judge_one(check, *spoiled)
        assert time.process_time() - began < SECONDS, check_id(check)
        broken = [each.message for each in found if each.outcome is Outcome.ERROR]
        assert not broken, f"{check_id(check)}: {broken}"


@pytest.mark.parametrize("layers", [10**18, -5, 10**39, float("nan"), True, "32", [32], None])
def test_layers_that_no_model_has_are_not_counted_through(layers: Any) -> None:
    stated: dict[str, Any] = {
        "num_hidden_layers": layers,
        "num_local_experts": 8,
        "first_k_dense_replace": 10**18,
        "sliding_window": 4096,
        "max_window_layers": -(10**18),
    }
    config = {**LLAMA, **stated}
    assert read_architecture(config).layers is None
    tried(world(folder(config=config)))


def tried(snapshot: Snapshot) -> None:
    """Run all checks for serving and for training, and require that none breaks."""
    for intent in (Intent(), Intent(action=Action.FINE_TUNE, training=Training(method="lora"))):
        for check in find_checks():
            for each in judge_one(check, snapshot, intent):
                assert each.outcome is not Outcome.ERROR, each


@pytest.mark.parametrize("key", ["auto_map", "model_type", "architectures", "torch_dtype"])
def test_a_name_of_any_length_leaves_a_headline_short(key: str) -> None:
    name = "x" * 10_000
    values = {"auto_map": {"AutoModelForCausalLM": f"{name}.Own"}, "architectures": [name]}
    config = {**LLAMA, key: values.get(key, name)}
    snapshot = world(folder(config=config), machine(packages={"transformers": "4.57.1"}))
    for allowed in (True, None):
        for check in find_checks():
            for each in judge_one(check, snapshot, Intent(trust_remote_code=allowed)):
                assert len(each.message) <= LONGEST_MESSAGE, check_id(check)
    found = judge_one(
        next(each for each in find_checks() if check_id(each).startswith("auto-map-names")),
        world(folder(config={**LLAMA, "auto_map": {"AutoModel": f"{name}.Own"}})),
        Intent(trust_remote_code=True),
    )
    assert len(found[0].message) < 200
