"""What checks advise on the number types of a training holds together."""

import re

import pytest

from firstmile.check.command import Command, Reading, read_command
from firstmile.check.intent import Intent
from firstmile.check.running import judge_all
from firstmile.check.training_types import makes_adapters_bf16
from firstmile.check.unit import check_id, find_checks
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Finding, Outcome

CHECKS = [
    each
    for each in find_checks()
    if check_id(each)
    in (
        "bf16-is-asked-of-a-gpu-without-it",
        "four-bit-weights-compute-in-another-type",
        "float16-weights-are-trained-under-fp16",
        "fp16-and-bf16-are-both-asked-for",
        "float16-overflows-in-this-model",
        "bfloat16-is-asked-of-a-gpu-without-it",
    )
]
QLORA = "trl sft --model_name_or_path m --dataset_name d --use_peft --load_in_4bit --output_dir o"


def t4(trl: str, torch: str = "2.8.0") -> Snapshot:
    packages = {"torch": torch, "transformers": "4.57.1", "peft": "0.17.1", "trl": trl}
    return world(
        folder(config=LLAMA), machine(gpus=[gpu("Tesla T4", 16, "7.5")], packages=packages)
    )


def read(command: str) -> Intent:
    intent = read_command(Command(words=tuple(command.split())))
    assert intent is not None
    return intent


def complaints(snapshot: Snapshot, command: str) -> list[Finding]:
    found = judge_all(CHECKS, snapshot, read(command))
    return [each for each in found if each.outcome in (Outcome.FAIL, Outcome.WARN)]


@pytest.mark.parametrize("more", ["", "--dtype float16", "--dtype bfloat16", "--bf16 True"])
@pytest.mark.parametrize("torch", ["2.3.1", "2.8.0"])
def test_each_advice_for_qlora_on_a_card_without_bf16_gives_a_command_that_is_accepted(
    more: str, torch: str
) -> None:
    found = complaints(t4("0.24.0", torch), f"{QLORA} {more}")
    assert found
    for each in found:
        advice = re.fullmatch(r"Say (--[^.;]+)\.", each.remedy or "")
        assert advice is not None, each
        assert complaints(t4("0.24.0", torch), f"{QLORA} {more} {advice[1]}") == []


def test_a_trl_that_makes_adapters_bfloat16_is_not_sent_to_fp16() -> None:
    for each in complaints(t4("0.26.0"), QLORA):
        assert (each.remedy or "").startswith("Install TRL 0.25"), each
    told = complaints(t4("0.26.0"), f"{QLORA} --dtype float16 --fp16 True --bf16 False")
    assert [each.outcome for each in told] == [Outcome.FAIL]
    assert "0.25" in (told[0].remedy or "")


SCRIPT = """
import torch
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, Trainer, TrainingArguments
from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
bnb = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_compute_dtype=torch.bfloat16)
model = AutoModelForCausalLM.from_pretrained('m', quantization_config=bnb)
model = get_peft_model(prepare_model_for_kbit_training(model), LoraConfig(r=8))
Trainer(model=model, args=TrainingArguments(output_dir='o', bf16=True), train_dataset=d).train()
"""


def of_script(script: str) -> Intent:
    intent = read_command(Reading(command="python q.py", expects={}, files={"q.py": script}).typed)
    assert intent is not None
    return intent


@pytest.mark.parametrize(
    ("bnb", "told"),
    [
        ("torch.bfloat16", None),
        ("torch.float16", "compute in float16, the training runs in bfloat16"),
        ("None", "compute in float32"),
        ("kind", None),
    ],
)
def test_the_type_of_the_products_is_read_off_a_script(bnb: str, told: str | None) -> None:
    script = SCRIPT.replace("compute_dtype=torch.bfloat16", f"compute_dtype={bnb}")
    if bnb == "None":
        script = SCRIPT.replace(", bnb_4bit_compute_dtype=torch.bfloat16", "")
    found = judge_all(CHECKS, world(folder(config=LLAMA)), of_script(script))
    messages = [each.message for each in found if each.outcome is Outcome.WARN]
    assert [told in each for each in messages if told] == [True] * (told is not None)


@pytest.mark.parametrize(
    ("prepared", "recomputes"),
    [
        ("prepare_model_for_kbit_training(model)", True),
        ("prepare_model_for_kbit_training(model, use_gradient_checkpointing=True)", True),
        ("prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)", None),
        ("prepare_model_for_kbit_training(model, use_gradient_checkpointing=some)", None),
        ("model", None),
    ],
)
def test_preparing_quantized_weights_recomputes_activations(
    prepared: str, recomputes: bool | None
) -> None:
    script = SCRIPT.replace("prepare_model_for_kbit_training(model)", prepared)
    training = of_script(script).training
    assert training is not None
    assert training.gradient_checkpointing is recomputes


def test_which_trl_makes_adapters_bfloat16_depends_on_the_trainer() -> None:
    sft, dpo, own = read(QLORA), read(QLORA.replace("sft", "dpo")), read("python own.py --beta 1")
    assert [makes_adapters_bf16(t4(each), sft) for each in ("0.25.1", "0.26.0")] == [False, True]
    assert [makes_adapters_bf16(t4(each), dpo) for each in ("0.28.0", "0.29.0")] == [False, True]
    rloo = read(QLORA.replace("sft", "rloo"))
    assert [makes_adapters_bf16(t4(each), rloo) for each in ("0.26.2", "0.27.0")] == [False, True]
    kto = read(QLORA.replace("sft", "kto"))
    assert [makes_adapters_bf16(t4(each), kto) for each in ("1.3.0", "1.4.0")] == [False, True]
    assert makes_adapters_bf16(t4("0.29.0"), own) is False


UNSLOTH = """
from unsloth import FastLanguageModel
from trl import SFTTrainer, SFTConfig
model, tok = FastLanguageModel.from_pretrained('m', max_seq_length=2048, load_in_4bit=True)
model = FastLanguageModel.get_peft_model(model, r=16)
SFTTrainer(model=model, tokenizer=tok, train_dataset=ds,
           args=SFTConfig(output_dir='o', fp16=True, max_seq_length=2048)).train()
"""


def test_trainers_that_unsloth_replaces_are_not_judged_as_those_of_trl() -> None:
    ids = ("trainer-is-given-what-it-no-longer-takes", "float16-weights-are-trained-under-fp16")
    checks = [each for each in find_checks() if check_id(each) in ids]

    def failing(script: str) -> list[str]:
        found = judge_all(checks, t4("0.26.0"), of_script(script))
        return [each.source for each in found if each.outcome is Outcome.FAIL]

    assert failing(UNSLOTH) == []
    plain = UNSLOTH.replace("unsloth", "transformers").replace("FastLanguage", "AutoLanguage")
    assert "trainer-is-given-what-it-no-longer-takes" in failing(plain)
