"""`text-generation-launcher`, the server of text-generation-inference, and its variables.

Each flag has a variable of its name in capitals, such as MODEL_ID; the flag counts before it.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.command import Command, Reading
from firstmile.check.flags import (
    Flag,
    Grammar,
    Takes,
    flags,
    take_apart,
    value_of,
)
from firstmile.check.intent import Action, Intent, Parallel
from firstmile.check.settings import Settings
from firstmile.check.unknown_words import shown

FLAGS: Final[tuple[Flag, ...]] = (
    *flags(
        Takes.TEXT,
        """
        --model-id --revision --sharded --quantize --dtype --kv-cache-dtype --cuda-graphs
        --hostname --shard-uds-path --master-addr --huggingface-hub-cache
        --weights-cache-override --rope-scaling --otlp-endpoint --otlp-service-name
        --cors-allow-origin --api-key --ngrok-authtoken --ngrok-edge --tokenizer-config-path
        --lora-adapters --usage-stats
        """,
    ),
    *flags(
        Takes.INT,
        """
        --validation-workers --num-shard --speculate --max-concurrent-requests --max-best-of
        --max-stop-sequences --max-top-n-tokens --max-input-tokens --max-input-length
        --max-total-tokens --max-batch-prefill-tokens --max-batch-total-tokens
        --max-waiting-tokens --max-batch-size --port|-p --prometheus-port --master-port
        --max-client-batch-size --payload-limit --graceful-termination-timeout|-g
        """,
    ),
    *flags(
        Takes.FLOAT,
        """
        --waiting-served-ratio --cuda-memory-fraction --rope-factor --watermark-gamma
        --watermark-delta
        """,
    ),
    *flags(
        Takes.SWITCH,
        """
        --trust-remote-code --disable-custom-kernels --json-output --ngrok
        --disable-grammar-support --env|-e --enable-prefill-logprobs
        """,
    ),
)
_OUTSIDE: Final = frozenset(("env", "hostname", "port", "api_key", "dtype", "revision"))
"""Flags whose variable has a name that means something else on a machine at large."""


def reads(command: Command) -> bool:
    """Tell the launcher."""
    return command.program == "text-generation-launcher"


def read(command: Command) -> Intent:
    """Read flags and variables."""
    grammar = Grammar(underscores=False, attached=True)
    said = take_apart(command.arguments.words, FLAGS, grammar)
    outside: dict[str, Any] = {}
    unread: list[str] = []
    for each in FLAGS:
        name = each.keeps.upper()
        if name in command.variables and each.keeps not in _OUTSIDE:
            takes = Takes.BOOL if each.takes is Takes.SWITCH else each.takes
            value = value_of(command.variables[name], takes)
            if value is None:
                unread.append(shown(f"{name}={command.variables[name]}"))
            else:
                outside[each.keeps] = value
    get = Settings({**outside, **said.values})
    rope = get.text("rope_scaling")
    factor = get.number("rope_factor")
    graphs = get.text("cuda_graphs")
    return Intent(
        action=Action.SERVE,
        engine="text-generation-inference",
        model=get.text("model_id"),
        revision=get.text("revision"),
        dtype=get.text("dtype"),
        quantization=get.text("quantize"),
        kv_cache_dtype=get.text("kv_cache_dtype"),
        adapter=next(iter(get.parted(get.text("lora_adapters") or "")), None),
        context=get.whole("max_total_tokens"),
        batched_tokens=get.whole("max_batch_prefill_tokens"),
        sequences=get.whole("max_batch_size"),
        gpu_memory_share=get.number("cuda_memory_fraction"),
        cuda_graphs=None if graphs is None else graphs != "0",
        trust_remote_code=get.truth("trust_remote_code"),
        host=get.text("hostname"),
        port=get.whole("port"),
        rope_scaling={"rope_type": rope, **({"factor": factor} if factor else {})}
        if rope
        else None,
        parallel=Parallel(
            tensor=get.whole("num_shard"),
            master_address=get.text("master_addr"),
            master_port=get.whole("master_port"),
        ),
        arguments=said.arguments,
        unread=(*said.unread, *unread, *get.unread, *map(shown, said.positional)),
    )


def examples() -> Iterator[Reading]:
    """Yield commands with what must be read from them."""
    yield Reading(
        command="text-generation-launcher --model-id m --num-shard 2 --quantize awq "
        "--max-total-tokens 4096 --cuda-memory-fraction 0.9 -p 8080 --trust-remote-code",
        expects={
            "action": Action.SERVE,
            "model": "m",
            "parallel.tensor": 2,
            "quantization": "awq",
            "context": 4096,
            "gpu_memory_share": 0.9,
            "port": 8080,
            "unread": (),
        },
    )
    yield Reading(
        command="MODEL_ID=m MAX_TOTAL_TOKENS=2048 TRUST_REMOTE_CODE=true text-generation-launcher",
        expects={"model": "m", "context": 2048, "trust_remote_code": True},
    )
