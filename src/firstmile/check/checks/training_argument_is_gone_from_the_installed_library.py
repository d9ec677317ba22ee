"""The installed transformers and TRL know every training argument of the command.

Why: releases rename and drop training arguments: evaluation_strategy became eval_strategy,
max_seq_length became max_length, and transformers 5 removed a whole row. A script that is older
than the library ends in "unexpected keyword argument", a command line in "Some specified arguments
are not used by the HfArgumentParser".

Fix: write the argument's name of today, or leave it out where it is gone.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import installed, installed_release, python_of, unknown_python
from firstmile.check.intent import Action, Argument, Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.training_worlds import started_by
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    warned,
)
from firstmile.check.worlds import world
from firstmile.facts.environment import Interpreter
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/type-error",
    cause="api/compatibility",
    stage="fine-tuning",
    entries=(
        "training-argument-evaluation-strategy-was-renamed",
        "sfttrainer-arguments-moved-to-sftconfig",
    ),
    references=(
        "https://huggingface.co/docs/transformers/main_classes/trainer",
        "https://github.com/huggingface/transformers/blob/main/MIGRATION_GUIDE_V5.md",
        "https://github.com/huggingface/trl/releases/tag/v0.20.0",
    ),
)
INSTEAD: Final[dict[str, str]] = {
    "evaluation_strategy": "eval_strategy",
    "eval_strategy": "evaluation_strategy",
    "max_seq_length": "max_length",
    "use_liger": "use_liger_kernel",
    "no_cuda": "use_cpu",
    "per_gpu_train_batch_size": "per_device_train_batch_size",
    "per_gpu_eval_batch_size": "per_device_eval_batch_size",
    "warmup_ratio": "warmup_steps",
    "group_by_length": "train_sampling_strategy",
    "adafactor": "optim",
    "push_to_hub_model_id": "hub_model_id",
    "push_to_hub_token": "hub_token",
    "fp16_backend": "",
    "half_precision_backend": "",
    "overwrite_output_dir": "",
    "save_safetensors": "",
    "logging_dir": "",
    "fsdp_transformer_layer_cls_to_wrap": "fsdp_config",
    "fsdp_min_num_params": "fsdp_config",
    "use_mps_device": "",
    "jit_mode_eval": "",
    "tpu_num_cores": "",
    "past_index": "",
    "ray_scope": "",
    "torchdynamo": "torch_compile",
    "use_ipex": "",
    "include_inputs_for_metrics": "include_for_metrics",
    "include_tokens_per_second": "include_num_input_tokens_seen",
}
"""Arguments of some releases, and what took their place: the fields of TrainingArguments that
4.46.3 has and 5.23.0 has not, and those that TRL's SFTConfig lost up to 0.20."""
_RELEASES: Final[dict[str, tuple[tuple[int, ...], tuple[int, ...] | None]]] = {
    "evaluation_strategy": ((0,), (4, 51)),
    "eval_strategy": ((4, 41), None),
    "max_seq_length": ((0,), (0, 20)),
}
"""Releases of the library that first had and first lacked an argument (training_args.py of
transformers, sft_config.py of TRL), for machines of which its names were not read."""
_OF_TRL: Final = ("max_seq_length", "use_liger")
_OF_ACCELERATE: Final = ("fsdp_transformer_layer_cls_to_wrap", "fsdp_min_num_params")
"""Arguments that have left TrainingArguments and are flags of `accelerate launch` still."""
_ENGINES: Final = ("trl", "transformers")
_ALSO_OF_SCRIPTS: Final = ("logging_dir", "overwrite_output_dir", "save_safetensors", "adafactor")
"""Names that scripts have given to arguments of their own as well."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look each argument that has come or gone up among the installed library's fields."""
    if not intent.trains or intent.engine not in _ENGINES:
        return does_not_apply("no training of transformers or TRL is started")
    python = python_of(snapshot)
    if python is None:
        return unknown_python(snapshot)
    is_command = intent.program == "trl"
    used = [
        each
        for each in (*_flags(intent), *_written_out(intent))
        if each in INSTEAD and (is_command or each not in _OF_TRL or each in _of_trl(intent))
    ]
    if not used:
        return does_not_apply("no argument that has come or gone is used")
    known = _known(python)
    unclear = False
    for name in used:
        has = _has(snapshot, known, name)
        unclear = unclear or has is None
        if has is not False:
            continue
        library = python.package("trl" if name in _OF_TRL else "transformers")
        if library is None:
            continue
        instead = INSTEAD[name]
        in_code = name in _written_out(intent)
        may_be_own = name in _ALSO_OF_SCRIPTS and not is_command and not in_code
        say = warned if may_be_own else failed
        sign = "" if in_code else "--"
        return say(
            f"The argument {sign}{name} is not one of {library.name} {library.version}.",
            seen(f"{sign}{name} in the {'script' if in_code else 'command'}"),
            installed(library),
            remedy=f"Write {sign}{instead} instead."
            if instead and _has(snapshot, known, instead) is not False
            else f"Leave out {sign}{name}.",
        )
    if unclear:
        return not_known("the training arguments that the installed library has")
    return passed(
        "The installed library has all arguments of the command that come and go.",
        *(seen(f"--{each} in the command") for each in used[:3]),
    )


def _flags(intent: Intent) -> Iterator[str]:
    """Yield the flags of the script, or of `trl`, which hands those of accelerate on."""
    for word in intent.script_arguments:
        name = word[2:].partition("=")[0].replace("-", "_")
        handed_on = intent.program == "trl" and name in _OF_ACCELERATE
        if word.startswith("--") and not handed_on:
            yield name


def _of_trl(intent: Intent) -> frozenset[str]:
    """Return the arguments that a script gives to a class of TRL's."""
    return frozenset(
        each.name.partition(".")[2]
        for each in intent.arguments
        if each.name.partition(".")[0].endswith("Config")
    )


def _written_out(intent: Intent) -> Iterator[str]:
    """Yield the arguments that a script gives to TrainingArguments or a class made from it."""
    for each in intent.arguments:
        owner, dot, name = each.name.partition(".")
        if dot and owner.endswith(("TrainingArguments", "Config")):
            yield name


def _known(python: Interpreter) -> frozenset[str] | None:
    own = python.names_known("transformers", "training arguments")
    more = python.names_known("trl", "training arguments")
    return None if own is None else frozenset((*own, *(more or ())))


def _has(snapshot: Snapshot, known: frozenset[str] | None, name: str) -> bool | None:
    """Say whether the installed library has an argument; None where neither way tells."""
    if known is not None:
        return name in known
    release = installed_release(snapshot, "trl" if name in _OF_TRL else "transformers")
    if release is None or name not in _RELEASES:
        return None
    first, gone = _RELEASES[name]
    return first <= release and (gone is None or release < gone)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(
        outcome: Outcome,
        arguments: str,
        *fields: str,
        says: str = "",
        program: str = "python train.py",
        code: str = "",
    ) -> Example:
        made = computer(
            package("transformers", "5.2.0"),
            package("trl", "0.24.0"),
            known={
                ("transformers", "training arguments"): fields,
                ("trl", "training arguments"): ("max_length", "packing"),
            }
            if fields
            else {},
        )
        given = (Argument(written=code, name=code, value=""),) if code else ()
        asked = Intent(
            action=Action.FINE_TUNE,
            engine="trl",
            arguments=given,
            **started_by(f"{program} {arguments}"),
        )
        return Example(outcome=outcome, snapshot=world(environment=made), intent=asked, says=says)

    new, old = ("eval_strategy", "use_cpu"), ("evaluation_strategy", "warmup_ratio")
    yield of(Outcome.PASS, "--eval_strategy steps", *new)
    yield of(Outcome.FAIL, "--evaluation_strategy=steps", *new, says="--evaluation_strategy")
    yield of(Outcome.FAIL, "--eval-strategy steps", *old)
    yield of(Outcome.FAIL, "--max_seq_length 2048", *new, program="trl sft")
    yield of(Outcome.SKIP, "--max_seq_length 2048", *new)
    yield of(Outcome.WARN, "--overwrite_output_dir", *new)
    renamed = "TrainingArguments.evaluation_strategy"
    yield of(Outcome.FAIL, "", *new, code=renamed, says="argument evaluation_strategy")
    yield of(Outcome.FAIL, "", *new, code="SFTConfig.max_seq_length")
    yield of(Outcome.PASS, "", *new, code="TrainingArguments.eval_strategy")
    yield of(Outcome.PASS, "--warmup_ratio 0.1", *old)
    wrapped = "--fsdp_transformer_layer_cls_to_wrap LlamaDecoderLayer"
    yield of(Outcome.FAIL, wrapped, *new)
    yield of(Outcome.SKIP, "", *new, program=f"accelerate launch {wrapped} train.py")
    yield of(Outcome.SKIP, wrapped, *new, program="trl sft")
    yield of(Outcome.SKIP, "--my_own_argument 1", *new, says="does not apply")
    yield of(Outcome.SKIP, "--warmup_ratio 0.1", says="not known")
    yield of(Outcome.PASS, "--eval_strategy steps")
    yield of(Outcome.FAIL, "", code=renamed, says="argument evaluation_strategy")
    yield of(Outcome.SKIP, "--warmup_ratio 0.1", code="TrainingArguments.eval_strategy")
