"""`vllm serve MODEL`, and the module before it: `python -m vllm.entrypoints.openai.api_server`.

A `--config` file's settings stand before those of the command line. Of vLLM's other commands
only the model and the engine's own flags are read.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from firstmile.check.adapters_named import adapter_paths, missing_folders
from firstmile.check.command import Command, Reading, numbers_of
from firstmile.check.config_words import template_file, with_config
from firstmile.check.flag_tables.vllm import FLAGS, GRAMMAR, OLDER
from firstmile.check.flags import Said, take_apart
from firstmile.check.intent import Action, Intent, Parallel, Sampling, Unknown
from firstmile.check.settings import Settings
from firstmile.check.unknown_words import no_command, shown
from firstmile.facts.sizes import GIB

_COMMANDS: Final = (
    "serve",
    "chat",
    "complete",
    "launch",
    "bench",
    "collect-env",
    "run-batch",
    "preload",
)
"""Those of vLLM 0.31 (`vllm --help`)."""
_AUTO: Final = -1
"""A context of as many tokens as there is room for."""
_MODULES: Final = ("vllm.entrypoints.openai.api_server", "vllm.entrypoints.api_server")


def reads(command: Command) -> bool:
    """Tell `vllm ...` and the server's modules."""
    return command.program == "vllm" or command.module in _MODULES


def read(command: Command) -> Intent:
    """Read the server's arguments."""
    words = list(command.arguments.words)
    serves = command.module is not None or words[:1] == ["serve"]
    unread: list[str] = []
    if command.module is None:
        name = words.pop(0) if words else ""
        if name not in _COMMANDS:
            what = no_command("vllm", name, _COMMANDS) if name else "vllm alone"
            return Intent(engine="vllm", unread=(what,))
        if not serves:
            unread.append(f"vllm {shown(name)} (only the engine's own flags are read)")
    words, config = with_config(command, words)
    said = take_apart(_with_levels(words), (*FLAGS, *OLDER), GRAMMAR)
    intent = _intent(command, said)
    return replace(
        intent,
        action=Action.SERVE if serves else Action.GENERATE,
        files=(
            *config.files,
            *template_file(command, intent.chat_template),
            *missing_folders(command, *intent.adapters, intent.tokenizer),
        ),
        unread=(*unread, *config.unread, *intent.unread),
        unknown=intent.unknown if serves else (),
    )


def _with_levels(words: Sequence[str]) -> list[str]:
    """Return the words with `-O3` and `-O 3` spelled out."""
    found = list(words)
    for place, word in enumerate(found):
        if word == "-O" and found[place + 1 : place + 2] in (["0"], ["1"], ["2"], ["3"]):
            found[place] = "--optimization-level"
        elif re.fullmatch(r"-O=?[A-Za-z0-9]+", word):
            found[place] = f"--optimization-level={word[2:].lstrip('=')}"
    return found


def _intent(command: Command, said: Said) -> Intent:
    get = Settings({name: value for name, value in said.values.items() if value != "None"})
    overrides = get.tree("hf_overrides") or {}
    sampling = Settings(get.tree("override_generation_config") or {})
    context = get.whole("max_model_len")
    eager = get.truth("enforce_eager")
    model = get.text("model")
    more = said.positional
    if model is None and more:
        model, more = more[0], more[1:]
    rope = get.tree("rope_scaling") or Settings(overrides).tree("rope_scaling", "rope_parameters")
    adapters = adapter_paths(get.values.get("lora_modules", ()))
    return Intent(
        engine="vllm",
        model=model,
        revision=get.text("revision"),
        tokenizer=get.text("tokenizer"),
        adapter=adapters[0] if adapters else None,
        adapters=adapters,
        dtype=get.text("dtype"),
        quantization=get.text("quantization"),
        kv_cache_dtype=get.text("kv_cache_dtype"),
        attention=get.text("attention_backend") or command.variables.get("VLLM_ATTENTION_BACKEND"),
        devices=numbers_of(get.text("device_ids") or "") or None,
        context=None if context == _AUTO else context,
        sequences=get.whole("max_num_seqs"),
        batched_tokens=get.whole("max_num_batched_tokens"),
        gpu_memory_share=get.number("gpu_memory_utilization"),
        cpu_offload_bytes=_bytes(get.number("cpu_offload_gb")),
        swap_bytes=_bytes(get.number("swap_space")),
        block_size=get.whole("block_size"),
        cuda_graphs=None if eager is None else not eager,
        prefix_caching=get.truth("enable_prefix_caching"),
        trust_remote_code=get.truth("trust_remote_code"),
        fast_tokenizer=False if get.text("tokenizer_mode") == "slow" else None,
        load_format=get.text("load_format"),
        chat_template=get.text("chat_template"),
        tool_parser=get.text("tool_call_parser"),
        tool_choice=get.truth("enable_auto_tool_choice"),
        reasoning_parser=get.text("reasoning_parser"),
        lora_rank_limit=get.whole("max_lora_rank"),
        host=get.text("host"),
        port=get.whole("port"),
        rope_scaling=rope,
        overrides=overrides,
        parallel=Parallel(
            tensor=get.whole("tensor_parallel_size"),
            pipeline=get.whole("pipeline_parallel_size"),
            data=get.whole("data_parallel_size"),
            expert=get.truth("enable_expert_parallel"),
            context=get.whole("decode_context_parallel_size", "prefill_context_parallel_size"),
            nodes=get.whole("nnodes"),
            node_rank=get.whole("node_rank"),
            master_address=get.text("master_addr"),
            master_port=get.whole("master_port"),
        ),
        sampling=Sampling(
            temperature=sampling.number("temperature"),
            top_p=sampling.number("top_p"),
            top_k=sampling.whole("top_k"),
            min_p=sampling.number("min_p"),
            repetition_penalty=sampling.number("repetition_penalty"),
            max_new_tokens=sampling.whole("max_new_tokens"),
        ),
        arguments=said.arguments,
        unread=(*said.unread, *get.unread, *sampling.unread, *map(shown, more)),
        unknown=said.unknown,
    )


def _bytes(gib: float | None) -> int | None:
    return None if gib is None else int(gib * GIB)


def examples() -> Iterator[Reading]:
    """Yield commands with what must be read from them."""
    yield Reading(
        command="vllm serve ./model --tensor-parallel-size 4 --max-model-len 131072",
        expects={
            "model": "./model",
            "parallel.tensor": 4,
            "context": 131072,
            "engine": "vllm",
            "action": Action.SERVE,
        },
    )
    yield Reading(
        command="CUDA_VISIBLE_DEVICES=0,2 python -m vllm.entrypoints.openai.api_server "
        "--model=m --max_model_len 32k --enforce-eager --gpu-memory-utilization .85",
        expects={
            "model": "m",
            "context": 32000,
            "cuda_graphs": False,
            "gpu_memory_share": 0.85,
            "devices": (0, 2),
        },
    )
    yield Reading(
        command="vllm serve m --max-model-length 10",
        expects={
            "unread": ("--max-model-length (did you mean --max-model-len?) 10",),
            "unknown": (
                Unknown(
                    kind="option",
                    written="--max-model-length",
                    near="--max-model-len",
                    typed=True,
                ),
            ),
        },
    )
    yield Reading(
        command="vllm serve m -tp 2 -pp 2 --no-enable-prefix-caching --quantization awq "
        "--hf-overrides.rope_scaling.rope_type yarn --hf-overrides.rope_scaling.factor 4.0 "
        "--lora-modules sql=./sql-lora other=./other --tool-call-parser hermes "
        "--enable-auto-tool-choice -O3 --swap-space 4",
        expects={
            "parallel.pipeline": 2,
            "prefix_caching": False,
            "quantization": "awq",
            "rope_scaling": {"rope_type": "yarn", "factor": 4.0},
            "adapter": "./sql-lora",
            "adapters": ("./sql-lora", "./other"),
            "tool_choice": True,
            "swap_bytes": 4 * GIB,
            "unread": (),
        },
    )
    yield Reading(
        command="vllm serve --config c.yaml --port 9000",
        files={
            "c.yaml": "model: ./m\nport: 8000\nenforce-eager: true\n"
            "enable-prefix-caching: false\nhf-overrides: {rope_theta: 1000000}\n"
        },
        expects={
            "model": "./m",
            "port": 9000,
            "cuda_graphs": False,
            "prefix_caching": False,
            "overrides": {"rope_theta": 1000000},
            "unread": (),
        },
    )
    yield Reading(
        command="vllm serve m --config gone.yaml",
        expects={"model": "m", "unread": ("--config gone.yaml (it cannot be read)",)},
    )
    yield Reading(
        command="vllm servee ./model -tp 2",
        expects={
            "engine": "vllm",
            "action": None,
            "model": None,
            "unread": ("vllm servee (it has no such command; did you mean serve?)",),
        },
    )
    yield Reading(
        command="vllm bench throughput --model m --max-model-len 4096 --num-prompts 9",
        expects={"model": "m", "context": 4096, "action": Action.GENERATE, "unknown": ()},
    )
