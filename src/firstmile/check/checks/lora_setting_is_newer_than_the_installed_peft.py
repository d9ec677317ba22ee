"""The installed PEFT knows every setting of LoRA that is asked for.

Why: settings of LoraConfig come with releases. An older PEFT ends in "unexpected keyword argument
'use_dora'", and takes the word all-linear, which it does not know, for the name of a module:
"Target modules all-linear not found in the base model".

Fix: upgrade PEFT. Where it has to stay old, name the modules one by one (q_proj, k_proj, v_proj,
o_proj, gate_proj, up_proj, down_proj) and leave the newer settings out.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.installed import installed, installed_release, python_of, unknown_python
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.training_sizes import settings_of
from firstmile.check.training_worlds import adapter, tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="environment/dependency-library",
    stage="fine-tuning",
    references=(
        "https://github.com/huggingface/peft/blob/v0.8.2/src/peft/tuners/lora/config.py",
        "https://github.com/huggingface/peft/blob/v0.18.0/src/peft/tuners/lora/config.py",
    ),
)
_CALL: Final = "LoraConfig."
_ALL: Final = "all-linear"
_TARGETS: Final = "LoraConfig.target_modules"
_SINCE: Final = {
    "loftq_config": (0, 7),
    "use_rslora": (0, 8),
    "use_dora": (0, 9),
    "layer_replication": (0, 10),
    "runtime_config": (0, 12),
    "exclude_modules": (0, 14),
    "eva_config": (0, 14),
    "lora_bias": (0, 14),
    "corda_config": (0, 15),
    "trainable_token_indices": (0, 15),
    "use_qalora": (0, 16),
    "target_parameters": (0, 17),
    "arrow_config": (0, 18),
    "ensure_weight_tying": (0, 18),
    _ALL: (0, 8),
}
"""Fields of LoraConfig in the releases from 0.6.2 to 0.18.0, each where it is first there."""
_OF_COMMANDS: Final = ("use_rslora", "use_dora")
_BY_NAME: Final = "q_proj k_proj v_proj o_proj gate_proj up_proj down_proj"


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look the settings up by the installed release."""
    called = [each for each in intent.arguments if each.name.startswith(_CALL)]
    asked = [(each.name.removeprefix(_CALL), each.written) for each in called]
    get = settings_of(intent)
    asked += [(name, f"{name} = true") for name in _OF_COMMANDS if get.truth(name)]
    lora = intent.training.lora if intent.training is not None else None
    targets = [each.value for each in called if each.name == _TARGETS]
    if (lora is not None and _ALL in lora.target_modules) or f'"{_ALL}"' in targets:
        asked.append((_ALL, f"target_modules = {_ALL}"))
    newer = [(name, where) for name, where in asked if name in _SINCE]
    if not newer:
        return does_not_apply("no setting of LoRA is asked for that came later than PEFT 0.6")
    python = python_of(snapshot)
    if python is None:
        return unknown_python(snapshot)
    peft = python.package("peft")
    release = installed_release(snapshot, "peft")
    if peft is None or release is None:
        return not_known("the installed PEFT")
    for name, where in sorted(newer, key=lambda one: _SINCE[one[0]], reverse=True):
        if release < _SINCE[name]:
            since = ".".join(map(str, _SINCE[name]))
            instead = f", or name the modules: {_BY_NAME}" if name == _ALL else ""
            return failed(
                f"PEFT {peft.version} does not know {name}, which came with {since}.",
                seen(where),
                installed(peft),
                remedy=f'pip install -U "peft>={since}"{instead}',
            )
    return passed("The installed PEFT knows these settings.", seen(newer[0][1]), installed(peft))


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, peft: str, *targets: str, says: str = "", **said: Any) -> Example:
        here = computer(package("peft", peft), package("transformers", "4.37.2"))
        intent = tuning(**adapter(*targets), **said)
        return Example(outcome=outcome, snapshot=world(environment=here), intent=intent, says=says)

    yield of(Outcome.FAIL, "0.7.1", "all-linear", says="came with 0.8")
    yield of(Outcome.PASS, "0.8.0", "all-linear")
    yield of(Outcome.FAIL, "0.8.2", "q_proj", settings={"use_dora": True})
    yield of(Outcome.PASS, "0.9.0", "q_proj", settings={"use_dora": True})
    yield of(Outcome.SKIP, "0.6.0", "q_proj", says="does not apply")
    yield of(Outcome.FAIL, "0.13.2", "q_proj", flags={"LoraConfig.lora_bias": ""})
    unknown = tuning(**adapter("all-linear"))
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=unknown, says="not known")
