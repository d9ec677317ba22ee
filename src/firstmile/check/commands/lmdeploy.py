"""`lmdeploy serve api_server MODEL`, `lmdeploy serve gradio MODEL` and `lmdeploy chat MODEL`."""

from collections.abc import Iterator
from typing import Final

from firstmile.check.command import Command, Reading
from firstmile.check.flags import Flag, Grammar, Takes, flags, take_apart
from firstmile.check.intent import Action, Argument, Intent, Parallel, Sampling
from firstmile.check.settings import Settings
from firstmile.check.unknown_words import shown

ENGINE: Final = "lmdeploy"
FLAGS: Final[tuple[Flag, ...]] = (
    *flags(
        Takes.TEXT,
        """
        --backend --model-name --model-format --chat-template --revision --download-dir --dtype
        --device --server-name --api-keys --cache-dir --tool-call-parser --reasoning-parser
        --log-level --adapters --allow-origins --role --migration-backend
        """,
    ),
    *flags(
        Takes.INT,
        """
        --tp --dp --ep --nnodes --node-rank --session-len --max-batch-size --cache-block-seq-len
        --max-prefill-token-num --quant-policy --server-port --num-tokens-per-iter
        --max-prefill-iters --vision-max-batch-size --random-seed --max-new-tokens
        """,
    ),
    *flags(
        Takes.FLOAT,
        "--cache-max-entry-count --rope-scaling-factor --temperature --top-p --top-k",
    ),
    *flags(
        Takes.SWITCH,
        "--enable-prefix-caching --eager-mode --share --ssl --disable-fastapi-docs --cap",
    ),
)
"""https://lmdeploy.readthedocs.io/en/latest/llm/api_server.html and `lmdeploy serve --help`."""
_SERVED: Final = ("api_server", "gradio")
_BACK_ENDS: Final = ("turbomind", "torch", "pytorch")
_BITS: Final = {4: "int4", 8: "int8"}


def reads(command: Command) -> bool:
    """Tell the program."""
    return command.program == "lmdeploy" or command.module == "lmdeploy"


def read(command: Command) -> Intent:
    """Read what is served or chatted with."""
    words = list(command.arguments.words)
    name = words.pop(0) if words else ""
    served = words.pop(0) if name == "serve" and words else ""
    if name == "chat" and words and words[0] in _BACK_ENDS:
        words.pop(0)
    if name != "chat" and served not in _SERVED:
        return Intent(
            engine=ENGINE,
            unread=(shown(f"lmdeploy {' '.join(filter(None, (name, served)))} (it is not read)"),),
        )
    said = take_apart(words, FLAGS, Grammar())
    get = Settings(said.values)
    left = list(said.positional)
    model = left.pop(0) if left else None
    talks: tuple[Argument, ...] = ()
    if name == "chat" or served == "gradio":
        where = f"lmdeploy {served or name} wraps what is said in a chat template"
        talks = (Argument(written=where, name="apply_chat_template", value=""),)
    parser = get.text("tool_call_parser")
    return Intent(
        action=Action.GENERATE if name == "chat" else Action.SERVE,
        engine=ENGINE,
        model=model,
        revision=get.text("revision"),
        dtype=get.text("dtype"),
        quantization=get.text("model_format"),
        kv_cache_dtype=_BITS.get(get.whole("quant_policy") or 0),
        chat_template=get.text("chat_template"),
        context=get.whole("session_len"),
        sequences=get.whole("max_batch_size"),
        prefix_caching=get.truth("enable_prefix_caching"),
        tool_parser=parser,
        reasoning_parser=get.text("reasoning_parser"),
        host=get.text("server_name"),
        port=get.whole("server_port"),
        parallel=Parallel(
            tensor=get.whole("tp"),
            data=get.whole("dp"),
            nodes=get.whole("nnodes"),
            node_rank=get.whole("node_rank"),
        ),
        sampling=Sampling(temperature=get.number("temperature"), top_p=get.number("top_p")),
        arguments=(*said.arguments, *talks),
        unread=(*said.unread, *get.unread, *map(shown, left)),
    )


def examples() -> Iterator[Reading]:
    """Yield commands with what must be read from them."""
    yield Reading(
        command="lmdeploy serve api_server internlm/internlm2_5-7b-chat --tp 2 --session-len 16500 "
        "--cache-max-entry-count 0.4 --quant-policy 8 --model-format awq --server-port 23333",
        expects={
            "action": Action.SERVE,
            "engine": "lmdeploy",
            "model": "internlm/internlm2_5-7b-chat",
            "parallel.tensor": 2,
            "context": 16500,
            "kv_cache_dtype": "int8",
            "quantization": "awq",
            "port": 23333,
            "unread": (),
        },
    )
    yield Reading(
        command="lmdeploy chat turbomind ./workspace --cap",
        expects={"action": Action.GENERATE, "model": "./workspace", "unread": ()},
    )
    yield Reading(
        command="lmdeploy convert internlm2-chat-7b ./m",
        expects={"engine": "lmdeploy", "unread": ("lmdeploy convert (it is not read)",)},
    )
