"""An engine is given a whole model, and adapters by the option for adapters.

Why: a folder with adapter_config.json holds changes to a model, a few megabytes, and no model.
vLLM and SGLang want a config.json with an architecture ("Invalid repository ID or local directory
specified", "No supported config format found"), llama.cpp a GGUF. transformers loads it by way of
PEFT, where that is installed and the base can be reached.

Fix: give the base, and the adapter by `--enable-lora --lora-modules NAME=FOLDER` (vLLM),
`--lora-paths NAME=FOLDER` (SGLang), `--lora FILE.gguf` (llama.cpp, after convert_lora_to_gguf.py);
or merge the two once.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.adapters import CONFIG, adapter_of, base_name
from firstmile.check.installed import python_of
from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen, stated
from firstmile.check.words_to_copy import text_word
from firstmile.check.worlds import folder, machine, world
from firstmile.facts.environment import Environment
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="api/call-parameter",
    entries=(
        "folder-of-an-adapter-is-given-as-a-model",
        "gguf-converter-got-a-quantized-model-or-an-adapter",
    ),
    references=(
        "https://docs.vllm.ai/en/latest/features/lora.html",
        "https://docs.sglang.ai/advanced_features/lora.html",
    ),
)
_OPTIONS: Final = {
    "vllm": "vllm serve {base} --enable-lora --lora-modules adapter=FOLDER",
    "sglang": "--model-path {base} --lora-paths adapter=FOLDER",
    "llama.cpp": "convert_lora_to_gguf.py FOLDER, then -m BASE.gguf --lora ADAPTER.gguf",
    "ollama": "FROM {base} and ADAPTER FOLDER in a Modelfile",
}


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Ask whether what is to be run is an adapter by itself."""
    adapter = adapter_of(snapshot)
    if isinstance(adapter, Verdict):
        return adapter
    if "config.json" in adapter.model.documents:
        return does_not_apply("a model lies in the folder beside the adapter")
    if intent.adapter is not None and not _is_same(intent.model, adapter.model.path):
        return passed(
            "The command names the adapter beside its base.", seen(f"adapter: {intent.adapter}")
        )
    base = base_name(adapter) or "BASE"
    proof = stated(CONFIG, "base_model_name_or_path", base_name(adapter))
    option = _OPTIONS.get(intent.engine or "")
    if option is not None:
        return failed(
            f"The folder is an adapter, and {intent.engine} is to run it as a model.",
            seen("an adapter, without a config.json", file=CONFIG),
            proof,
            remedy=option.format(base=text_word(base)),
        )
    python = python_of(snapshot)
    if python is not None and python.package("peft") is None:
        return failed(
            "The folder is an adapter, and PEFT, which loads it, is not installed.",
            proof,
            remedy="pip install peft",
        )
    if python is None and intent.engine is None:
        return does_not_apply("no engine is named that would take it for a model")
    return passed("The adapter can be loaded by way of PEFT.", proof)


def _is_same(named: str | None, path: str) -> bool:
    return (named or "").removeprefix("./").rstrip("/") == path.removeprefix("./").rstrip("/")


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(environment: Environment | None = None, *, whole: bool = False) -> Snapshot:
        config = {"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B"}
        more: dict[str, Any] = {"config.json": {"model_type": "llama"}} if whole else {}
        made = folder(kind="adapter", documents={CONFIG: config} | more)
        return world(made, environment)

    for engine, says in (("vllm", "vllm is to run it"), ("llama.cpp", "llama.cpp")):
        yield Example(outcome=Outcome.FAIL, snapshot=of(), intent=Intent(engine=engine), says=says)
    beside = Intent(engine="vllm", model="base", adapter="model")
    yield Example(outcome=Outcome.PASS, snapshot=of(), intent=beside)
    itself = Intent(engine="vllm", model="model", adapter="other")
    yield Example(outcome=Outcome.FAIL, snapshot=of(), intent=itself)
    own = Intent(engine="transformers")
    packages = {"torch": "2.8.0", "transformers": "4.57.1"}
    without = of(machine(packages=packages))
    yield Example(outcome=Outcome.FAIL, snapshot=without, intent=own, says="not installed")
    having = of(machine(packages={**packages, "peft": "0.17.0"}))
    yield Example(outcome=Outcome.PASS, snapshot=having, intent=own)
    both = of(whole=True)
    yield Example(outcome=Outcome.SKIP, snapshot=both, intent=Intent(engine="vllm"))
    yield Example(outcome=Outcome.SKIP, snapshot=of(), says="no engine")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder()), says="no adapter")
