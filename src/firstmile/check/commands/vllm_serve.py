"""`vllm serve MODEL`, and the module before it: `python -m vllm.entrypoints.openai.api_server`."""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.command import Command, Reading
from firstmile.check.flags import Flag, Takes, flag, take_apart
from firstmile.check.intent import Action, Intent, Parallel

_MODULE: Final = "vllm.entrypoints.openai.api_server"

FLAGS: Final[tuple[Flag, ...]] = (
    flag("--model"),
    flag("--tokenizer"),
    flag("--revision"),
    flag("--dtype"),
    flag("--quantization -q"),
    flag("--kv-cache-dtype"),
    flag("--load-format"),
    flag("--max-model-len", takes=Takes.COUNT),
    flag("--max-num-seqs", takes=Takes.INT),
    flag("--max-num-batched-tokens", takes=Takes.COUNT),
    flag("--gpu-memory-utilization", takes=Takes.FLOAT),
    flag("--cpu-offload-gb", takes=Takes.FLOAT),
    flag("--swap-space", takes=Takes.FLOAT),
    flag("--block-size", takes=Takes.INT),
    flag("--tensor-parallel-size -tp", takes=Takes.INT),
    flag("--pipeline-parallel-size -pp", takes=Takes.INT),
    flag("--data-parallel-size -dp", takes=Takes.INT),
    flag("--enable-expert-parallel", takes=Takes.SWITCH),
    flag("--enforce-eager", takes=Takes.SWITCH),
    flag("--enable-prefix-caching", takes=Takes.SWITCH),
    flag("--trust-remote-code", takes=Takes.SWITCH),
    flag("--chat-template"),
    flag("--tool-call-parser"),
    flag("--enable-auto-tool-choice", takes=Takes.SWITCH),
    flag("--reasoning-parser"),
    flag("--max-lora-rank", takes=Takes.INT),
    flag("--host"),
    flag("--port", takes=Takes.INT),
    flag("--hf-overrides", takes=Takes.JSON),
    flag("--rope-scaling", takes=Takes.JSON),
    flag("--served-model-name", takes=Takes.LIST),
)


def reads(command: Command) -> bool:
    """Tell `vllm serve` and the server's module."""
    return command.words[:1] != () and (
        (command.program == "vllm" and command.words[1:2] == ("serve",))
        or command.module == _MODULE
    )


def read(command: Command) -> Intent:
    """Read the server's arguments."""
    said = take_apart(command.after(3 if command.module else 2).words, FLAGS)
    get = said.values.get
    stated = get("hf_overrides")
    overrides: dict[str, Any] = stated if isinstance(stated, dict) else {}
    offload = get("cpu_offload_gb")
    swap = get("swap_space")
    return Intent(
        action=Action.SERVE,
        engine="vllm",
        model=get("model") or next(iter(said.positional), None),
        revision=get("revision"),
        tokenizer=get("tokenizer"),
        dtype=get("dtype"),
        quantization=get("quantization"),
        kv_cache_dtype=get("kv_cache_dtype"),
        load_format=get("load_format"),
        context=get("max_model_len"),
        sequences=get("max_num_seqs"),
        batched_tokens=get("max_num_batched_tokens"),
        gpu_memory_share=get("gpu_memory_utilization"),
        cpu_offload_bytes=None if offload is None else int(offload * 1024**3),
        swap_bytes=None if swap is None else int(swap * 1024**3),
        block_size=get("block_size"),
        cuda_graphs=None if get("enforce_eager") is None else not get("enforce_eager"),
        prefix_caching=get("enable_prefix_caching"),
        trust_remote_code=get("trust_remote_code"),
        chat_template=get("chat_template"),
        tool_parser=get("tool_call_parser"),
        tool_choice=get("enable_auto_tool_choice"),
        reasoning_parser=get("reasoning_parser"),
        lora_rank_limit=get("max_lora_rank"),
        host=get("host"),
        port=get("port"),
        rope_scaling=get("rope_scaling") or overrides.get("rope_scaling"),
        overrides=overrides,
        parallel=Parallel(
            tensor=get("tensor_parallel_size"),
            pipeline=get("pipeline_parallel_size"),
            data=get("data_parallel_size"),
            expert=get("enable_expert_parallel"),
        ),
        arguments=said.arguments,
        unread=(*said.unread, *(said.positional[1:])),
    )


def examples() -> Iterator[Reading]:
    """Yield commands with what must be read from them."""
    yield Reading(
        command="vllm serve ./model --tensor-parallel-size 4 --max-model-len 131072",
        expects={"model": "./model", "parallel.tensor": 4, "context": 131072, "engine": "vllm"},
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
        expects={"unread": ("--max-model-length (did you mean --max-model-len?) 10",)},
    )
