"""Scripts whose settings a parser of dataclasses fills are judged by the command's flags."""

import shlex

import pytest

from firstmile.check.command import Reading, read_command
from firstmile.check.intent import Action, Intent, Training
from firstmile.check.scripts.calls import read_script
from firstmile.check.scripts.literals import UNREAD

IMPORTS = (
    "from dataclasses import dataclass, field\nfrom typing import List, Optional\n"
    "import torch, transformers\nfrom transformers import AutoModelForCausalLM, HfArgumentParser\n"
    "from transformers import Trainer, TrainingArguments\nfrom peft import LoraConfig\n"
)
ORDINARY = IMPORTS + (
    "@dataclass\nclass ModelArguments:\n"
    "    model_name_or_path: Optional[str] = field(default='./base', metadata={'help': 'x'})\n"
    "    torch_dtype: Optional[str] = None\n"
    "def main():\n"
    "    parser = HfArgumentParser((ModelArguments, TrainingArguments))\n"
    "    model_args, training_args = parser.parse_args_into_dataclasses()\n"
    "    torch_dtype = (model_args.torch_dtype if model_args.torch_dtype in ['auto', None]\n"
    "                   else getattr(torch, model_args.torch_dtype))\n"
    "    model = AutoModelForCausalLM.from_pretrained(\n"
    "        model_args.model_name_or_path, torch_dtype=torch_dtype)\n"
    "    Trainer(model=model, args=training_args, train_dataset=data).train()\n"
    "main()\n"
)
ADAPTED = IMPORTS + (
    "@dataclass\nclass TrainingArguments(transformers.TrainingArguments):\n"
    "    optim: str = field(default='adamw_bnb_8bit')\n    model_max_length: int = 512\n"
    "    use_lora: bool = False\n"
    "@dataclass\nclass LoraArguments:\n    lora_r: int = 64\n"
    "    lora_target_modules: List[str] = field(default_factory=lambda: ['c_attn', 'w1'])\n"
    "parser = HfArgumentParser((TrainingArguments, LoraArguments))\n"
    "training_args, lora_args = parser.parse_args_into_dataclasses()\n"
    "model = AutoModelForCausalLM.from_pretrained('./m')\n"
    "if training_args.use_lora:\n"
    "    lora = LoraConfig(r=lora_args.lora_r, target_modules=lora_args.lora_target_modules)\n"
    "    model = get_peft_model(model, lora)\n"
    "Trainer(model=model, args=training_args, **data).train()\n"
)
OF_TRL = (
    "from trl import SFTTrainer, SFTConfig, ModelConfig, ScriptArguments, TrlParser\n"
    "def main(script_args, training_args, model_args):\n"
    "    kwargs = dict(dtype=model_args.dtype, quantization_config=quantized(model_args))\n"
    "    training_args.model_init_kwargs = kwargs\n"
    "    SFTTrainer(model=model_args.model_name_or_path, args=training_args,\n"
    "               train_dataset=data, peft_config=get_peft_config(model_args)).train()\n"
    "parser = TrlParser((ScriptArguments, SFTConfig, ModelConfig))\n"
    "script_args, training_args, model_args = parser.parse_args_and_config()\n"
    "main(script_args, training_args, model_args)\n"
)


def read(script: str, flags: str = "", **files: str) -> tuple[Intent, Training]:
    """Return the intent and the training of a script that is started with these flags."""
    typed = Reading(command=f"python x.py {flags}", expects={}, files={"x.py": script, **files})
    intent = read_command(typed.typed)
    assert intent is not None
    return intent, intent.training or Training(method="none is read")


def test_flags_are_the_settings_where_a_parser_fills_the_arguments() -> None:
    intent, training = read(
        ORDINARY, "--model_name_or_path ./m --output_dir o --bf16 True --fp16 True --max_steps 0"
    )
    assert (intent.action, intent.engine, intent.model) == (
        Action.FINE_TUNE,
        "transformers",
        "./m",
    )
    assert (training.bf16, training.fp16, training.max_steps) == (True, True, 0)
    assert (intent.dtype, training.method, intent.unread) == (None, None, ())


def test_a_field_that_no_flag_sets_has_its_default() -> None:
    assert read(ORDINARY, "--output_dir o")[0].model == "./base"
    assert read(ORDINARY, "--output_dir o --torch_dtype bfloat16")[0].dtype == "bfloat16"


def test_a_deepspeed_file_of_the_command_is_read() -> None:
    _, training = read(
        ORDINARY, "--deepspeed d.json", **{"d.json": '{"zero_optimization": {"stage": 3}}'}
    )
    assert training.deepspeed == {"zero_optimization": {"stage": 3}}


def test_a_file_of_settings_fills_as_flags_do() -> None:
    settings = '{"model_name_or_path": "./m", "learning_rate": 2e-5, "torch_dtype": "float16"}'
    intent, training = read(ORDINARY, "a.json", **{"a.json": settings})
    assert (intent.model, training.learning_rate, intent.dtype) == ("./m", 2e-5, "float16")
    assert intent.unread == ()
    assert [each.path for each in intent.files] == ["x.py", "a.json"]
    over, _ = read(
        OF_TRL, "--config a.yaml --model_name_or_path ./n", **{"a.yaml": "model_name_or_path: ./m"}
    )
    assert over.model == "./n"


def test_an_adapter_is_trained_where_its_branch_is_taken() -> None:
    _, full = read(ADAPTED, "--output_dir o")
    assert (full.method, full.optimizer, full.max_length) == ("full", "adamw_bnb_8bit", 512)
    _, adapted = read(ADAPTED, "--output_dir o --use_lora --optim adamw_torch")
    assert adapted.lora is not None
    assert (adapted.method, adapted.optimizer) == ("lora", "adamw_torch")
    assert (adapted.lora.rank, adapted.lora.target_modules) == (64, ("c_attn", "w1"))
    _, smaller = read(ADAPTED, "--output_dir o --use_lora True --lora_r 8")
    assert smaller.lora is not None
    assert smaller.lora.rank == 8


def test_scripts_of_trl_are_judged_as_its_commands() -> None:
    intent, training = read(OF_TRL, "--model_name_or_path ./m --output_dir o --load_in_4bit")
    assert (intent.engine, intent.model, intent.load_in_bits) == ("trl", "./m", 4)
    assert training.method is None
    _, adapted = read(OF_TRL, "--model_name_or_path ./m --output_dir o --use_peft --lora_r 4")
    assert adapted.method == "lora"


@pytest.mark.parametrize("way", ["args, = {}", "args = {}[0]", "(args,) = {}", "[args] = {}"])
def test_every_way_to_take_one_object_is_known(way: str) -> None:
    taken = way.format("HfArgumentParser(TrainingArguments).parse_args_into_dataclasses()")
    script = f"{IMPORTS}{taken}\nf(x=args.fp16)"
    (found,) = [each for each in read_script(script, ["--fp16"]).calls if each.last == "f"]
    assert found.named == {"x": True}


def test_an_adapter_that_nobody_knows_leaves_the_training_open() -> None:
    script = ORDINARY.replace("model=model,", "model=get_peft_model(model, wanted()),")
    assert read(script, "--output_dir o")[0].engine is None


def test_what_the_script_sets_later_counts_before_the_flags() -> None:
    later = "    training_args.bf16 = False\n    Trainer("
    assert read(ORDINARY.replace("    Trainer(", later), "--bf16 True")[1].bf16 is False
    unclear = later.replace("False", "can_bf16()")
    intent, _ = read(ORDINARY.replace("    Trainer(", unclear), "--bf16 True")
    assert intent.engine is None
    assert any("bf16 in x.py" in each for each in intent.unread)


def test_a_trainer_of_the_scripts_own_is_one() -> None:
    own = ORDINARY.replace("Trainer(model=", "Mine(model=") + "class Mine(Trainer): pass\n"
    assert read(own, "--output_dir o")[0].engine == "transformers"
    other = ORDINARY.replace("import Trainer, ", "import ") + "from elsewhere import Trainer\n"
    assert read(other, "--output_dir o")[0].engine == "transformers"


def test_arguments_that_another_file_takes_are_those_of_the_command() -> None:
    script = IMPORTS + (
        "from my_code import get_args\nargs = get_args()\n"
        "Trainer(model=AutoModelForCausalLM.from_pretrained('./m'), args=args).train()\n"
    )
    intent, training = read(script, "--output_dir o --learning_rate 1e-5")
    assert (intent.engine, training.learning_rate) == ("transformers", 1e-5)
    assert read(script, "--own 1")[0].engine is None


def test_a_map_that_cannot_spread_the_model_leaves_nothing_open() -> None:
    mapped = ADAPTED.replace("'./m'", "'./m', device_map={'': rank()}")
    assert read(mapped, "--output_dir o")[0].engine == "transformers"
    spread = mapped.replace("{'': rank()}", "'auto' if one() else None")
    assert read(spread, "--output_dir o")[0].engine is None


def test_classes_that_are_made_from_each_other_end() -> None:
    script = "class A(B): x: int = 1\nclass B(A): y: int = 2\n" + IMPORTS
    script += "a, = HfArgumentParser(A).parse_args_into_dataclasses()\nf(a.x, a.y, a.z)"
    read(script, shlex.join(["--x", "1"]))


def test_evaluation_is_asked_for_by_its_strategy_whatever_do_eval_says() -> None:
    given = ORDINARY.replace(
        "train_dataset=data", "eval_dataset=data if training_args.do_eval else None"
    )
    intent, _ = read(given, "--output_dir o --eval_strategy epoch")
    (found,) = [each for each in intent.arguments if each.name == "Trainer.eval_dataset"]
    assert found.value == ""


def test_a_slip_in_a_flag_is_told_where_the_parser_stops_at_it() -> None:
    def slips(script: str, flags: str = "--output_dir o --learning_rrate 1") -> list[str]:
        return [each.written for each in read(script, flags)[0].unknown]

    assert slips(ORDINARY) == slips(OF_TRL) == ["--learning_rrate"]
    assert slips(ORDINARY, "--output_dir o --learning_rat 1") == []
    assert (
        slips(ORDINARY.replace("dataclasses()", "dataclasses(return_remaining_strings=True)")) == []
    )
    assert slips(ORDINARY.replace("(ModelArguments, ", "(ModelArguments, Elsewhere, ")) == []


def test_defaults_that_are_those_of_each_other_end() -> None:
    script = f"{IMPORTS}class A:\n    x: int = a.y\n    y: int = a.x\n"
    script += "a, = HfArgumentParser(A).parse_args_into_dataclasses()\nf(a.x, b=a.y)"
    (found,) = [each for each in read_script(script).calls if each.last == "f"]
    assert found.named == {"b": UNREAD}


def test_a_file_that_a_script_without_a_training_is_given_is_none_of_settings() -> None:
    script = IMPORTS + "AutoModelForCausalLM.from_pretrained('m').generate(load(sys.argv[1]))"
    intent, _ = read(script, "questions.json", **{"questions.json": '{"bf16": true}'})
    assert intent.unread == ("questions.json",)
