"""What a sequence's layers keep, by the rules of the engine that holds it."""

from typing import Final

from msgspec.structs import replace

from firstmile.check.intent import Intent
from firstmile.check.memory import kv_cache, llama_cpp_cache
from firstmile.check.memory.llama_cpp_cache import bytes_of_keys_and_values
from firstmile.check.memory.settings import FILLING, Settings
from firstmile.check.memory.subject import Subject
from firstmile.check.model_sizes import written

_WINDOWS_APART: Final = ("Llama4", "GptOss", "MiMoV2", "Step3p5", "Gemma4")
_SHARE_OF_WINDOWS: Final = 0.8
"""`--swa-full-tokens-ratio` where nothing is said."""


def layers_of(subject: Subject, intent: Intent, settings: Settings) -> kv_cache.Layers | None:
    """Return what one sequence keeps, as the engine lays it out; None where sizes are missing."""
    if subject.is_gguf and settings.engine in FILLING:
        keys, values = bytes_of_keys_and_values(intent, settings.cache_bytes)
        return llama_cpp_cache.kept(subject.sizes, subject.text, keys, values)
    layers = kv_cache.kept(
        subject.sizes,
        subject.text,
        settings.cache_bytes,
        tensor=settings.attention,
        pipeline=settings.pipeline,
        latent=settings.latent,
        copied=settings.copied,
    )
    if layers is not None and layers.window and settings.engine == "sglang":
        return _windows_of_sglang(layers, subject, intent)
    return layers


def _windows_of_sglang(
    layers: kv_cache.Layers, subject: Subject, intent: Intent
) -> kv_cache.Layers:
    """Return layers whose windows take what SGLang gives them: a share of all tokens, or all.

    Only a few architectures have a pool of their own for windows (is_hybrid_swa_model in
    srt/configs/model_config.py), and it holds `--swa-full-tokens-ratio` of the others' tokens.
    """
    share = 1.0
    apart = any(name.startswith(_WINDOWS_APART) for name in subject.sizes.names)
    if apart and written(intent, "disable_hybrid_swa_memory") is None:
        share = _ratio(written(intent, "swa_full_tokens_ratio"))
    return replace(layers, full=layers.full + share * layers.sliding, sliding=0.0, window=0)


def _ratio(said: str | None) -> float:
    try:
        share = float(said or _SHARE_OF_WINDOWS)
    except ValueError:
        return _SHARE_OF_WINDOWS
    return share if 0 < share <= 1 else _SHARE_OF_WINDOWS
