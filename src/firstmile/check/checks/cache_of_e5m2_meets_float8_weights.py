"""A model whose weights are FP8 keeps its keys and values in another type than e5m2.

Why: files in FP8 may hold scales for keys and values, which belong to the form e4m3. vLLM refuses
the form e5m2 for every layer of such a model, while it builds the model: "fp8_e5m2 kv-cache is not
supported with fp8 checkpoints". Files of 16 bits may be served with it.

Fix: take --kv-cache-dtype fp8 or fp8_e4m3, or leave the option out.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.intent import Action, Intent
from firstmile.check.model_sizes import config_of, unknown_config
from firstmile.check.quantized_files import quantized_files
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen, stated
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="computation/quantization",
    references=(
        "https://github.com/vllm-project/vllm/issues/8409",
        "https://docs.vllm.ai/en/latest/features/quantization/quantized_kvcache/",
    ),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold the type of the cache against the method of the files."""
    asked = (intent.kv_cache_dtype or "").lower()
    if intent.engine != "vllm" or asked != "fp8_e5m2":
        return does_not_apply("the command asks vLLM for no cache in e5m2")
    config = config_of(snapshot)
    if config is None:
        return unknown_config()
    files = quantized_files(config)
    proof = seen(f"kv_cache_dtype = {asked}")
    if files is None or files.method != "fp8":
        return passed("The weights are not FP8, so that vLLM takes the cache in e5m2.", proof)
    return failed(
        "The weights are FP8, and vLLM keeps no cache in e5m2 for such files.",
        proof,
        stated("config.json", files.key, files.method),
        remedy="Set --kv-cache-dtype fp8_e4m3, or leave it out.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(method: str | None) -> Snapshot:
        quantized = {"quantization_config": {"quant_method": method}} if method else {}
        return world(folder(config={**LLAMA, **quantized}))

    serve = Intent(action=Action.SERVE, engine="vllm", kv_cache_dtype="fp8_e5m2")
    yield Example(outcome=Outcome.FAIL, snapshot=of("fp8"), intent=serve, says="no cache in e5m2")
    yield Example(outcome=Outcome.PASS, snapshot=of(None), intent=serve)
    yield Example(outcome=Outcome.PASS, snapshot=of("awq"), intent=serve)
    for other in (replace(serve, kv_cache_dtype="fp8"), replace(serve, engine="sglang")):
        yield Example(outcome=Outcome.SKIP, snapshot=of("fp8"), intent=other)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=serve, says="not known")
