"""The installed releases of transformers, torch, peft, trl, accelerate and vLLM go together.

Why: libraries that build on transformers use names and arguments that come and go with its
releases, and their metadata often sets no upper bound: peft 0.17 imports HybridCache, which
transformers 5 does not have; transformers 5 switches itself off beside torch 2.3.

Fix: upgrade the older of the two, or go back to a release of the same months.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.combinations import COMBINATIONS, Combination
from firstmile.check.installed import installed, python_of, unknown_python
from firstmile.check.intent import Action, Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.model_sizes import config_of
from firstmile.check.quantized_files import quantized_files
from firstmile.check.releases import fulfils
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, warned
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.environment import Interpreter
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/import-error",
    cause="environment/dependency-library",
    entries=(
        "library-imports-a-name-newer-than-transformers",
        "code-imports-a-name-that-transformers-dropped",
        "trainer-argument-tokenizer-became-processing-class",
        "torch-lacks-a-function-that-transformers-uses",
    ),
    references=tuple(sorted({each.source for each in COMBINATIONS})),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for a known pair; one that only fine-tuning meets is a warning elsewhere."""
    python = python_of(snapshot)
    if python is None:
        return unknown_python(snapshot)
    config = config_of(snapshot)
    files = quantized_files(config) if config is not None else None
    method = files.method if files is not None else None
    met = [each for each in COMBINATIONS if _is_met(each, python) and each.method in (None, method)]
    if not met and python.package("transformers") is None:
        return does_not_apply("transformers is not installed")
    if not met:
        return passed(
            "No pair of releases that is known to fail is installed.",
            *(installed(each) for each in (python.package("transformers"),) if each),
        )
    met.sort(key=lambda one: one.trains)
    worst = met[0]
    mine, other = python.package(worst.library), python.package(worst.other)
    assert mine is not None
    assert other is not None
    say = warned if worst.trains and not intent.trains else failed
    return say(
        f"{mine.name.capitalize()} {mine.version} does not go with {other.name} {other.version}: "
        f"{worst.error}.",
        installed(mine),
        installed(other),
        remedy=worst.instead,
    )


def _is_met(pair: Combination, python: Interpreter) -> bool:
    mine, other = python.version_of(pair.library), python.version_of(pair.other)
    if mine is None or other is None:
        return False
    return fulfils(mine, pair.which) is True and fulfils(other, pair.beside) is True


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    train = Intent(action=Action.FINE_TUNE, engine="trl")

    def of(outcome: Outcome, *packages: str, intent: Intent = train, says: str = "") -> Example:
        made = computer(*(package(*each.split("==")) for each in packages))
        return Example(outcome=outcome, snapshot=world(environment=made), intent=intent, says=says)

    yield of(Outcome.PASS, "transformers==4.57.1", "peft==0.17.1", "trl==0.24.0", "torch==2.8.0")
    yield of(Outcome.PASS, "transformers==5.2.0", "peft==0.18.0", "torch==2.9.0")
    yield of(Outcome.FAIL, "transformers==5.2.0", "peft==0.17.1", says="HybridCache")
    yield of(Outcome.FAIL, "transformers==4.39.3", "peft==0.14.0")
    yield of(Outcome.FAIL, "transformers==5.0.0", "trl==0.11.4", says="'tokenizer'")
    yield of(Outcome.WARN, "transformers==5.0.0", "trl==0.11.4", intent=Intent())
    yield of(Outcome.FAIL, "transformers==4.52.4", "accelerate==1.2.1")
    yield of(Outcome.FAIL, "transformers==5.0.0", "torch==2.3.1")
    yield of(Outcome.FAIL, "transformers==5.0.0", "vllm==0.9.2")
    old = ("transformers==4.38.2", "peft==0.6.2", "auto-gptq==0.4.2", "torch==2.1.0")
    yield of(Outcome.PASS, *old)
    quantized = {**LLAMA, "quantization_config": {"quant_method": "gptq", "bits": 4}}
    gptq = folder(config=quantized)
    here = computer(*(package(*each.split("==")) for each in old))
    yield Example(outcome=Outcome.FAIL, snapshot=world(gptq, here), intent=train, says="gptq")
    yield of(Outcome.FAIL, "transformers==4.40.0", "torch==2.3.0", "flash-attn==2.5.7")
    yield of(Outcome.PASS, "transformers==4.40.0", "torch==2.3.0", "flash-attn==2.5.8")
    yield of(Outcome.FAIL, "torch==2.3.0", "flash-attn==2.5.7")
    yield of(Outcome.SKIP, "torch==2.6.0")
