"""SGLang's server: `python -m sglang.launch_server` and `sglang serve MODEL`.

A `--config` file's settings stand before those of the command line.
"""

import re
from collections.abc import Iterator
from typing import Final

from firstmile.check.adapters_named import adapter_paths, missing_folders
from firstmile.check.command import Command, Reading, joined
from firstmile.check.config_words import template_file, with_config
from firstmile.check.flag_tables.sglang import FLAGS, GRAMMAR
from firstmile.check.flags import Said, take_apart
from firstmile.check.intent import Action, Intent, Parallel
from firstmile.check.settings import Settings
from firstmile.check.unknown_words import no_command, shown
from firstmile.facts.sizes import GIB

_MODULE: Final = "sglang.launch_server"

MAX_PREFILL: Final = 16384
"""Tokens of a step where prompts are not cut into chunks (--chunked-prefill-size -1) and nothing
is said (--max-prefill-tokens)."""


def reads(command: Command) -> bool:
    """Tell SGLang's module and its program."""
    return command.module == _MODULE or command.program == "sglang"


def read(command: Command) -> Intent:
    """Read the server's arguments."""
    words = list(command.arguments.words)
    if command.module is None:
        name = words.pop(0) if words else ""
        if name != "serve":
            what = no_command("sglang", name, ("serve",), why="it is not read")
            return Intent(engine="sglang", unread=(what,))
    words, config = with_config(command, words)
    intent = _intent(take_apart(words, FLAGS, GRAMMAR))
    named = (
        *template_file(command, intent.chat_template),
        *missing_folders(command, *intent.adapters, intent.tokenizer),
    )
    template = Intent(files=named)
    return joined(config, joined(template, intent))


def _intent(said: Said) -> Intent:
    get = Settings(said.values)
    model = get.text("model_path")
    more = said.positional
    if model is None and more:
        model, more = more[0], more[1:]
    overrides = get.tree("json_model_override_args") or {}
    off = get.truth("disable_cuda_graph")
    radix = get.truth("disable_radix_cache")
    offload = get.number("cpu_offload_gb")
    experts = get.whole("ep_size")
    adapters = adapter_paths(get.values.get("lora_paths", ()))
    host, _, port = (get.text("dist_init_addr") or "").rpartition(":")
    chunk, prefill = get.whole("chunked_prefill_size"), get.whole("max_prefill_tokens")
    if chunk is not None and chunk <= 0:
        chunk = prefill or MAX_PREFILL
    rope = Settings(overrides).tree("rope_scaling", "rope_parameters")
    return Intent(
        action=Action.SERVE,
        engine="sglang",
        model=model,
        revision=get.text("revision"),
        tokenizer=get.text("tokenizer_path"),
        adapter=adapters[0] if adapters else None,
        adapters=adapters,
        dtype=get.text("dtype"),
        quantization=get.text("quantization"),
        kv_cache_dtype=get.text("kv_cache_dtype"),
        attention=get.text("attention_backend"),
        context=get.whole("context_length"),
        sequences=get.whole("max_running_requests"),
        batched_tokens=chunk or prefill,
        gpu_memory_share=get.number("mem_fraction_static"),
        cpu_offload_bytes=None if offload is None else int(offload * GIB),
        block_size=get.whole("page_size"),
        cuda_graphs=None if off is None else not off,
        prefix_caching=None if radix is None else not radix,
        trust_remote_code=get.truth("trust_remote_code"),
        fast_tokenizer=False if get.text("tokenizer_mode") == "slow" else None,
        load_format=get.text("load_format"),
        chat_template=get.text("chat_template"),
        tool_parser=get.text("tool_call_parser"),
        reasoning_parser=get.text("reasoning_parser"),
        lora_rank_limit=get.whole("max_lora_rank"),
        host=get.text("host"),
        port=get.whole("port"),
        rope_scaling=rope,
        overrides=overrides,
        parallel=Parallel(
            tensor=get.whole("tp_size"),
            pipeline=get.whole("pp_size"),
            data=get.whole("dp_size"),
            expert=None if experts is None else experts > 1,
            context=get.whole("attn_cp_size", "dcp_size"),
            nodes=get.whole("nnodes"),
            node_rank=get.whole("node_rank"),
            master_address=host or None,
            master_port=int(port) if re.fullmatch(r"[0-9]{1,6}", port) else None,
        ),
        arguments=said.arguments,
        unread=(*said.unread, *get.unread, *map(shown, more)),
        unknown=said.unknown,
    )


def examples() -> Iterator[Reading]:
    """Yield commands with what must be read from them."""
    yield Reading(
        command="python3 -m sglang.launch_server --model-path ./m --tp 8 --dp 2 --ep-size 8 "
        "--context-length 65536 --mem-fraction-static 0.85 --disable-cuda-graph "
        "--disable-radix-cache --chunked-prefill-size 4096 --max-running-requests 64 "
        "--tool-call-parser qwen25 --reasoning-parser deepseek-r1 --port 30000 "
        "--nnodes 2 --node-rank 0 --dist-init-addr 10.0.0.1:5000",
        expects={
            "action": Action.SERVE,
            "engine": "sglang",
            "model": "./m",
            "parallel.tensor": 8,
            "parallel.data": 2,
            "parallel.expert": True,
            "parallel.master_port": 5000,
            "context": 65536,
            "gpu_memory_share": 0.85,
            "cuda_graphs": False,
            "prefix_caching": False,
            "batched_tokens": 4096,
            "sequences": 64,
            "unread": (),
        },
    )
    yield Reading(
        command="sglang serve ./m --tp-size 2 --json-model-override-args "
        '\'{"rope_scaling": {"rope_type": "yarn", "factor": 2.0}}\' --mem-fracton 0.5',
        expects={
            "model": "./m",
            "parallel.tensor": 2,
            "rope_scaling": {"rope_type": "yarn", "factor": 2.0},
            "unread": ("--mem-fracton 0.5",),
        },
    )
    yield Reading(
        command="sglang serve --config c.yaml --port 1",
        files={"c.yaml": "model-path: m\ntensor-parallel-size: 4\ntrust-remote-code: true\n"},
        expects={"model": "m", "parallel.tensor": 4, "trust_remote_code": True, "port": 1},
    )
    yield Reading(
        command="sglang serv m",
        expects={"model": None, "unread": ("sglang serv (it is not read; did you mean serve?)",)},
    )
    yield Reading(
        command="sglang serve --model-path m --chunked-prefill-size -1",
        expects={"batched_tokens": 16384, "unread": ()},
    )
