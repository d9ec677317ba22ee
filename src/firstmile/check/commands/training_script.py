"""`python script.py ...` and `trl sft ...`: TrainingArguments of transformers, and TRL's scripts.

A YAML or JSON file (`--config x.yaml`, `train.py args.json`) stands before the flags. A DeepSpeed
JSON and the start of the data files are read as well. Of a script that is there the calls of
transformers, TRL, PEFT and vLLM are read, and never run: what is a literal in them counts before
the flags. Flags that nobody knows are named as unread.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec.structs import replace

from firstmile.check.command import Command, Reading, joined
from firstmile.check.commands.accelerate_launch import FLAGS as LAUNCH_FLAGS
from firstmile.check.commands.accelerate_launch import launched
from firstmile.check.commands.deepseek_demo import is_deepseeks
from firstmile.check.commands.llama_factory import is_llama_factory
from firstmile.check.commands.meta_llama import is_metas
from firstmile.check.flag_tables.training import FLAGS, NAMES, SIGNS, TRL
from firstmile.check.flags import (
    Grammar,
    Said,
    plain,
    take_apart,
)
from firstmile.check.intent import Action, Argument, Intent, Sampling, Unknown
from firstmile.check.scripts.reading import ScriptRead, read_python_script
from firstmile.check.settings import Settings
from firstmile.check.training_file import CONFIG, SettingsFile, settings_file
from firstmile.check.training_settings import training_intent
from firstmile.check.training_sizes import UNREAD_TRAINING
from firstmile.check.unknown_words import no_command, shown

_TRAINS: Final = re.compile(
    r"(?:^|[^a-z])(?:sft|dpo|grpo|kto|orpo|ppo|rloo|cpo|gkd|reward|fine_tune|lora|qlora|run_clm)"
    r"(?:[^a-z]|$)|finetun|(?<!s)train(?:ers?|ing)?(?![a-z])"
)
_USES: Final = re.compile(
    r"(?:^|[^a-z])(?:merge|convert|export|eval|evaluate|infer|inference|predict|generate|chat|test"
    r"|serve|demo|bench|benchmark|plot)(?:[^a-z]|$)"
)
"""What else scripts of these names do: merge_lora.py, eval_reward.py."""
_OF_TRL: Final = re.compile(
    r"(?:^|[^a-z])(?:sft|dpo|grpo|kto|orpo|rloo|cpo|gkd|reward)(?:[^a-z]|$)"
)
_TRL_COMMANDS: Final = ("sft", "dpo", "grpo", "kto", "reward", "rloo", "distillation")
_OTHERS: Final = (
    "axolotl.",
    "vllm.",
    "sglang.",
    "torch.",
    "accelerate.",
    "deepspeed.",
    "llama_cpp.",
    "llamafactory.",
)
_TRL_NAMES: Final = frozenset(each.keeps for each in TRL) - {"temperature", "top_p", "top_k"}
_KNOWN: Final = frozenset(name for each in (*FLAGS, *CONFIG) for name in each.names)
_OF_FLAGS: Final = frozenset(each.keeps for each in FLAGS)


def reads(command: Command) -> bool:
    """Tell `trl`, scripts that Python starts, and modules that are named after training."""
    if command.program == "trl":
        return True
    if command.script is not None:
        others = (is_llama_factory, is_metas, is_deepseeks)
        return not any(each(command) for each in others)
    module = command.module
    if module is None or module.startswith(_OTHERS):
        return False
    return _TRAINS.search(module.rpartition(".")[2]) is not None


def read(command: Command) -> Intent:
    """Read the script's arguments."""
    arguments = command.arguments
    name = (command.script or command.module or "").rpartition("/")[2].removesuffix(".py")
    unread: list[str] = []
    if command.program == "trl":
        name = arguments.words[0] if arguments.words else ""
        arguments = arguments.after(1)
        if name not in _TRL_COMMANDS:
            return Intent(
                engine="trl",
                unread=(no_command("trl", name, _TRL_COMMANDS, why="it is not read"),),
            )
    launches = LAUNCH_FLAGS if command.program == "trl" else ()
    file = settings_file(arguments, LAUNCH_FLAGS)
    script = read_python_script(command, command.script, file.fields) if command.script else None
    own = tuple(each for each in (script.flags if script else ()) if not _KNOWN & {*each.names})
    said = take_apart(arguments.words, (*own, *launches, *FLAGS, *CONFIG), Grammar())
    if script is not None and script.says_something:
        return _of_script(command, name, script, said, file)
    unread += script.intent.unread if script is not None else ()
    unread += file.unread
    known = (file.path, *(script.placed if script is not None else ()))
    positional = tuple(each for each in said.positional if each not in known)
    written = {**file.fields}
    variables = written.pop("env", None)
    named_there = Settings(written)
    named_there.name_unknown(NAMES)
    given = {name: value for name, value in said.values.items() if name != "config"}
    get = Settings({**_by_first_names(written), **given})
    unknown = _slips(said) if command.program == "trl" else ()
    engine = "transformers"
    if command.program == "trl" or _OF_TRL.search(name) or _TRL_NAMES & get.values.keys():
        engine = "trl"
    intent = training_intent(command, get, engine=engine)
    named = _TRAINS.search(name) is not None and _USES.search(name) is None
    trains = named or bool(SIGNS & get.values.keys())
    if command.program == "trl":
        intent = joined(launched(command, given), intent)
    return replace(
        intent if trains else _undecided(intent),
        action=Action.FINE_TUNE if trains else None,
        engine=engine if trains else None,
        training=intent.training if trains else None,
        variables={str(key): str(value) for key, value in variables.items()}
        if isinstance(variables, Mapping)
        else {},
        arguments=(*said.arguments, *(script.intent.arguments if script is not None else ())),
        files=(*file.files, *intent.files),
        unknown=unknown,
        own_options=script.intent.own_options if script is not None else None,
        unread=(
            *(*unread, *said.unread, *named_there.unread),
            *(*intent.unread, *map(shown, positional)),
        ),
    )


def _of_script(
    command: Command, name: str, script: ScriptRead, said: Said, file: SettingsFile
) -> Intent:
    """Return what a script says by its calls, joined with what its flags say."""
    file = file if script.trains else SettingsFile()
    positional = (
        each for each in said.positional if each != file.path and each not in script.placed
    )
    unread = [*file.unread, *said.unread, *map(shown, positional)]
    given = {key: value for key, value in said.values.items() if key in _OF_FLAGS - {"config"}}
    if not script.takes_flags:
        unread = [shown(" ".join(command.arguments.words))] if command.arguments.words else []
        given = {}
    arguments: tuple[Argument, ...] = (
        *(each for each in said.arguments if each.name in given),
        *script.intent.arguments,
    )
    if not script.trains:
        flagged = training_intent(command, Settings(given), engine="transformers")
        fills = Intent(model=flagged.model) if script.engine != "vllm" else Intent()
        intent = joined(fills, script.intent)
        return replace(intent, arguments=arguments, unread=(*intent.unread, *unread))
    written = _by_first_names(file.fields) if script.takes_flags else {}
    get = Settings({**script.defaults, **written, **given, **script.settings})
    engine = script.engine
    if engine == "transformers" and _OF_TRL.search(name):
        engine = "trl"
    intent = training_intent(command, get, engine=engine or "transformers")
    if engine is None:
        where = f"a training in {command.script}"
        arguments += (Argument(written=where, name=UNREAD_TRAINING, value=""),)
    return replace(
        intent if engine else _undecided(intent),
        action=Action.FINE_TUNE if engine else None,
        engine=engine,
        training=intent.training if engine else None,
        variables=script.intent.variables,
        arguments=arguments,
        unknown=_slips(said) if script.stops_at_unknown else (),
        own_options=script.intent.own_options,
        files=(*file.files, *intent.files),
        unread=(*script.intent.unread, *intent.unread, *unread),
    )


def _slips(said: Said) -> tuple[Unknown, ...]:
    """Return the flags that must be a slip of a known one; argparse takes the beginning of one."""
    return tuple(
        each
        for each in said.unknown
        if each.typed and not (each.near or "").startswith(each.written)
    )


def _undecided(intent: Intent) -> Intent:
    """Return what holds of a script of which nobody knows what it computes.

    Its flags may mean anything by names such as temperature.
    """
    return replace(
        intent,
        dtype=None,
        attention=None,
        load_in_bits=None,
        quantization=None,
        device_map=None,
        sampling=Sampling(),
    )


def _by_first_names(written: Mapping[str, Any]) -> dict[str, Any]:
    first = {plain(name): each.keeps for each in FLAGS for name in each.names}
    return {first.get(name, name): value for name, value in written.items()}


def examples() -> Iterator[Reading]:
    """Yield commands with what must be read from them."""
    yield Reading(
        command="python train.py --model_name_or_path ./m --output_dir out --bf16 True "
        "--per_device_train_batch_size 4 --gradient_accumulation_steps 8 --learning_rate 2e-5 "
        "--num_train_epochs 3 --warmup_ratio 0.03 --lr_scheduler_type cosine "
        "--gradient_checkpointing --deepspeed ds.json --evaluation_strategy no",
        files={"ds.json": '{"zero_optimization": {"stage": 3}, "bf16": {"enabled": "auto"}}'},
        expects={
            "action": Action.FINE_TUNE,
            "engine": "transformers",
            "model": "./m",
            "training.bf16": True,
            "training.per_device_batch_size": 4,
            "training.learning_rate": 2e-5,
            "training.gradient_checkpointing": True,
            "training.evaluation_strategy": "no",
            "training.deepspeed": {
                "zero_optimization": {"stage": 3},
                "bf16": {"enabled": "auto"},
            },
            "training.method": None,
            "unread": (),
        },
    )
    yield Reading(
        command="trl sft --model_name_or_path m --dataset_name d --use_peft --lora_r 16 "
        "--lora_alpha 32 --lora_target_modules q_proj v_proj --load_in_4bit --packing "
        "--max_length 2048 --dtype bfloat16 --output_dir o --num_processes 2",
        expects={
            "engine": "trl",
            "training.method": "qlora",
            "training.lora.rank": 16,
            "training.lora.target_modules": ("q_proj", "v_proj"),
            "training.packing": True,
            "training.max_length": 2048,
            "load_in_bits": 4,
            "dtype": "bfloat16",
            "parallel.processes": 2,
            "unread": (),
        },
    )
    yield Reading(
        command="python -u dpo.py --config c.yaml --learning_rate 1e-6",
        files={
            "c.yaml": "model_name_or_path: m\nlearning_rate: 5e-5\nbeta: 0.1\nbf16: true\n"
            "max_lenght: 3\noutput_dir: o\nenv: {NCCL_DEBUG: INFO}\n"
        },
        expects={
            "engine": "trl",
            "model": "m",
            "training.learning_rate": 1e-6,
            "training.bf16": True,
            "variables": {"NCCL_DEBUG": "INFO"},
            "unread": ("max_lenght (did you mean max_length?)",),
        },
    )
    yield Reading(
        command="python chat.py --model ./m --beams 2",
        files={
            "chat.py": "import argparse, torch\n"
            "from transformers import AutoModelForCausalLM\n"
            "parser = argparse.ArgumentParser()\n"
            "parser.add_argument('--model')\n"
            "args = parser.parse_args()\n"
            "LENGTH = 2 * 256\n"
            "model = AutoModelForCausalLM.from_pretrained(\n"
            "    args.model, torch_dtype=torch.float16, device_map='auto').eval()\n"
            "model.generate(ids, max_new_tokens=LENGTH, do_sample=False, temperature=heat())\n"
        },
        expects={
            "action": Action.GENERATE,
            "engine": "transformers",
            "model": "./m",
            "dtype": "float16",
            "device_map": "auto",
            "sampling.max_new_tokens": 512,
            "sampling.do_sample": False,
            "sampling.temperature": None,
            "unread": (
                "model.generate in line 9 of chat.py (temperature is no literal)",
                "--beams 2",
            ),
        },
    )
    placed = (
        "import argparse\n"
        "from transformers import AutoModelForCausalLM\n"
        "parser = argparse.ArgumentParser()\n"
        "parser.add_argument('--n', type=int)\n"
        "parser.add_argument('folder', help='of the model')\n"
        "args = parser.parse_args()\n"
        "AutoModelForCausalLM.from_pretrained(args.folder)\n"
    )
    yield Reading(
        command="python load.py --n 3 ./m",
        files={"load.py": placed},
        expects={"model": "./m", "engine": "transformers", "unread": ()},
    )
    yield Reading(
        command="python load.py ./m",
        files={"load.py": placed.replace("'folder',", "'folder', nargs='+',")},
        expects={"model": None},
    )
    yield Reading(
        command="python load.py run ./m",
        files={"load.py": placed.replace("args =", "parts = parser.add_subparsers()\nargs =")},
        expects={"model": None},
    )
    yield Reading(
        command="python offline.py",
        files={
            "offline.py": "from vllm import LLM, SamplingParams\n"
            "def main():\n"
            "    llm = LLM('./m', tensor_parallel_size=2, gpu_memory_utilization=0.99,\n"
            "              enforce_eager=True)\n"
            "    llm.generate(texts, SamplingParams(temperature=0, max_tokens=99))\n"
            "if __name__ == '__main__':\n"
            "    main()\n"
        },
        expects={
            "action": Action.GENERATE,
            "engine": "vllm",
            "model": "./m",
            "parallel.tensor": 2,
            "gpu_memory_share": 0.99,
            "cuda_graphs": False,
            "sampling.temperature": 0.0,
            "sampling.max_new_tokens": 99,
            "training": None,
            "unread": (),
        },
    )
    yield Reading(
        command="python tune.py",
        files={
            "tune.py": "from trl import SFTTrainer, SFTConfig\n"
            "from peft import LoraConfig\n"
            "import os\n"
            "os.environ['CUDA_VISIBLE_DEVICES'] = '1'\n"
            "args = SFTConfig(output_dir=where, learning_rate=2e-4, fp16=True, bf16=True,\n"
            "                 per_device_train_batch_size=4)\n"
            "lora = LoraConfig(r=8, target_modules=['q_proj', 'v_proj'])\n"
            "SFTTrainer('./m', args=args, peft_config=lora, train_dataset=data)\n"
        },
        expects={
            "action": Action.FINE_TUNE,
            "engine": "trl",
            "devices": (1,),
            "training.learning_rate": 2e-4,
            "training.fp16": True,
            "training.per_device_batch_size": 4,
            "training.method": "lora",
            "training.lora.target_modules": ("q_proj", "v_proj"),
            "unread": (),
        },
    )
    yield Reading(
        command="python serve_it.py --port 80",
        expects={"action": None, "engine": None, "training": None, "unread": ("--port 80",)},
    )
    yield Reading(
        command="python finetune.py --fsdp 'full_shard auto_wrap' --fsdp_config f.json "
        "--deepspeed gone.json --fp16 perhaps --data_path d.parquet",
        files={"f.json": '{"fsdp_transformer_layer_cls_to_wrap": "LlamaDecoderLayer"}'},
        expects={
            "training.fsdp": {
                "options": "full_shard auto_wrap",
                "fsdp_transformer_layer_cls_to_wrap": "LlamaDecoderLayer",
            },
            "training.fp16": True,
            "unread": ("deepspeed gone.json (it cannot be read)", "perhaps"),
        },
    )
