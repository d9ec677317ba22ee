"""The installed TRL's SFTTrainer takes every argument that the script gives it.

Why: up to TRL 0.12 SFTTrainer took dataset_text_field, max_seq_length, packing and more itself.
0.13 moved them to SFTConfig, and 0.16 renamed tokenizer to processing_class. Scripts and notebooks
that are older end in "SFTTrainer.__init__() got an unexpected keyword argument
'dataset_text_field'".

Fix: put these settings into SFTConfig(...) and give that as args; write processing_class=tokenizer.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import installed, installed_release, python_of, unknown_python
from firstmile.check.intent import Action, Argument, Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.scripts.kinds import FOREIGN
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/type-error",
    cause="api/compatibility",
    stage="fine-tuning",
    entries=("sfttrainer-arguments-moved-to-sftconfig",),
    references=(
        "https://github.com/huggingface/trl/blob/v0.13.0/trl/trainer/sft_trainer.py",
        "https://github.com/huggingface/trl/blob/v0.16.0/trl/trainer/sft_trainer.py",
    ),
)
_TRAINER: Final = "SFTTrainer."
_MOVED: Final = (
    *("dataset_text_field", "packing", "max_seq_length", "dataset_num_proc", "dataset_batch_size"),
    *("neftune_noise_alpha", "model_init_kwargs", "dataset_kwargs", "eval_packing"),
    *("num_of_sequences", "chars_per_token", "infinite"),
)
"""Arguments of SFTTrainer in TRL 0.12.2 that 0.13.0 does not have."""
_CLASSES: Final = ("SFTTrainer",)
_GONE: Final = {**dict.fromkeys(_MOVED, (0, 13)), "tokenizer": (0, 16)}


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look up the arguments that the script writes out, by the installed release."""
    given = [
        (one.name.removeprefix(_TRAINER), one.written)
        for one in intent.arguments
        if one.name.startswith(_TRAINER)
    ]
    if not given:
        return does_not_apply("no script is read that makes an SFTTrainer")
    if any(one.name == FOREIGN and one.value in _CLASSES for one in intent.arguments):
        return does_not_apply("the trainer of this name is another than TRL's")
    known = [(name, where) for name, where in given if name in _GONE]
    if not known:
        return does_not_apply("no argument that has moved is used")
    python = python_of(snapshot)
    if python is None:
        return unknown_python(snapshot)
    trl = python.package("trl")
    release = installed_release(snapshot, "trl")
    if trl is None or release is None:
        return not_known("the installed TRL")
    for name, where in known:
        if release >= _GONE[name]:
            remedy = f"Put {name} into SFTConfig(...), and give that as args=."
            if name == "tokenizer":
                remedy = "Write processing_class= in place of tokenizer=."
            elif name == "max_seq_length" and release >= (0, 20):
                remedy = "Write max_length in SFTConfig(...), and give that as args=."
            return failed(
                f"SFTTrainer of TRL {trl.version} takes no {name}.",
                seen(where),
                installed(trl),
                remedy=remedy,
            )
    return passed("SFTTrainer takes these arguments.", seen(known[0][1]), installed(trl))


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, trl: str | None, *names: str, says: str = "") -> Example:
        packages = [package("torch", "2.6.0")]
        if trl is not None:
            packages.append(package("trl", trl))
        given = tuple(
            Argument(written=f"SFTTrainer({name}=...)", name=f"SFTTrainer.{name}", value="")
            for name in names
        )
        asked = Intent(action=Action.FINE_TUNE, engine="trl", arguments=given)
        here = world(environment=computer(*packages))
        return Example(outcome=outcome, snapshot=here, intent=asked, says=says)

    yield of(Outcome.FAIL, "0.13.0", "model", "dataset_text_field", says="dataset_text_field")
    yield of(Outcome.PASS, "0.12.2", "dataset_text_field", "tokenizer")
    yield of(Outcome.FAIL, "0.16.0", "tokenizer", says="tokenizer")
    yield of(Outcome.PASS, "0.15.2", "tokenizer")
    other = Argument(written="SFTTrainer in line 5", name=FOREIGN, value="SFTTrainer")
    moved = Argument(written="SFTTrainer(tokenizer=...)", name="SFTTrainer.tokenizer", value="")
    patched = Intent(action=Action.FINE_TUNE, engine="trl", arguments=(other, moved))
    here = world(environment=computer(package("torch", "2.6.0"), package("trl", "0.24.0")))
    yield Example(outcome=Outcome.SKIP, snapshot=here, intent=patched, says="another than")
    yield of(Outcome.SKIP, "0.16.0", "processing_class", says="does not apply")
    yield of(Outcome.SKIP, None, "tokenizer", says="not known")
