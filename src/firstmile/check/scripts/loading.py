"""What loading a model by transformers says, in whatever way a script writes it."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from firstmile.check.scripts.calls import Call
from firstmile.check.scripts.kinds import Kind, Sorted
from firstmile.check.scripts.literals import UNREAD

_READ: Final = (
    *("torch_dtype", "dtype", "device_map", "load_in_4bit", "load_in_8bit", "quantization_config"),
    *("attn_implementation", "trust_remote_code", "revision", "use_flash_attention_2"),
)
_DECIDING: Final = (
    *("torch_dtype", "dtype", "device_map", "load_in_4bit", "load_in_8bit", "quantization_config"),
)
"""Without these nothing can be said of memory or number types."""
_CALLED: Final = {"half": "float16", "bfloat16": "bfloat16", "float": "float32"}
_SWITCHED: Final = {"fp16": "float16", "bf16": "bfloat16", "fp32": "float32"}
"""Arguments of from_pretrained in the first Qwen's code."""


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of a load by their names, and whether all that decides what is computed is known.

    `unread` are those that decide and are no literals, None where they are not all written out.
    """

    settings: dict[str, Any]
    is_known: bool
    unread: frozenset[str] | None = frozenset()


def read_loading(found: Sorted, models: Kind) -> Loaded:
    """Return what the calls that load a model say."""
    said = models.agreed()
    if said.get("quantization_config") is UNREAD and found.quantizations.counted:
        quantized = found.quantizations.agreed()
        found.note(found.quantizations, quantized, ("load_in_4bit", "load_in_8bit"))
        said = {**quantized, **said, "quantization_config": None}
    found.note(models, said, _READ)
    is_written = bool(models.counted) and not models.is_open
    unread = frozenset(name for name in _DECIDING if said.get(name) is UNREAD)
    is_known = is_written and not unread
    settings = {name: said[name] for name in _READ if said.get(name) not in (None, UNREAD)}
    dtype = settings.pop("torch_dtype", None) or settings.get("dtype")
    for name, kind in _SWITCHED.items():
        if said.get(name) is True:
            dtype = dtype or kind
    called = {
        next((_CALLED[each] for each in call.after if each in _CALLED), None)
        for call in models.counted
    }
    if len(called) == 1:
        dtype = called.pop() or dtype
    settings["dtype"] = dtype if isinstance(dtype, str) else None
    settings["device_map"] = _placed(settings.get("device_map"))
    if settings["device_map"] is UNREAD:
        settings["device_map"], is_known = None, False
        unread |= {"device_map"}
    model = models.first("pretrained_model_name_or_path", "model_name", "model_name_or_path")
    if model is UNREAD:
        found.say(models.calls[0], "the model is no literal, or not the same in all calls")
    elif model is not None:
        settings["model"] = model
    return Loaded(settings=settings, is_known=is_known, unread=unread if is_written else None)


def _placed(value: Any) -> Any:
    """Return a device map in one word; UNREAD for one that places layers by name."""
    if isinstance(value, dict):
        value = value[""] if set(value) == {""} else UNREAD
    if isinstance(value, int) and not isinstance(value, bool):
        return f"cuda:{value}" if value >= 0 else "cpu"
    return value


def as_loads(pipelines: Kind) -> Kind:
    """Return the calls of `pipeline` as the loads that they make."""
    return Kind(calls=[_as_load(each) for each in pipelines.calls], strict=pipelines.strict)


def _as_load(call: Call) -> Call:
    named = dict(call.named)
    inner = named.pop("model_kwargs", None)
    if isinstance(inner, dict):
        named = {**{str(key): value for key, value in inner.items()}, **named}
    model = named.pop("model", call.positional[1] if len(call.positional) > 1 else None)
    device = named.pop("device", None)
    if device is UNREAD:
        named.setdefault("device_map", UNREAD)
    elif device is not None:
        named.setdefault("device_map", device)
    return replace(
        call,
        positional=() if model is None else (model,),
        named=named,
        open=call.open or inner is UNREAD,
    )


def adapter_of(calls: Sequence[Call]) -> str | None:
    """Return the adapter of `PeftModel.from_pretrained(model, adapter)`, where there is one."""
    if len(calls) != 1:
        return None
    call = calls[0]
    value = call.positional[1] if len(call.positional) > 1 else call.named.get("model_id")
    return value if isinstance(value, str) else None
