"""`transformers serve MODEL` and `transformers chat MODEL`, of transformers 5 and of 4.

Both load the number type of the files unless they are told another, in all releases; only the
server of pipelines that `transformers-cli serve` once was takes that of `from_pretrained`.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.command import Command, Reading
from firstmile.check.flags import Flag, Grammar, Takes, flags, take_apart
from firstmile.check.intent import Action, Intent, Sampling
from firstmile.check.settings import Settings
from firstmile.check.unknown_words import shown

_ACTIONS: Final = {"serve": Action.SERVE, "chat": Action.GENERATE}
FLAGS: Final[tuple[Flag, ...]] = (
    *flags(
        Takes.TEXT,
        """
        --force-model --attn-implementation --quantization --reasoning --chat-template-kwargs
        --decision-config --device --dtype|--torch-dtype --host --log-level
        --model-name-or-path|--model-name-or-path-or-address --model-revision --user
        --system-prompt --save-folder --examples-path --generation-config --bnb-4bit-quant-type
        """,
    ),
    *flags(
        Takes.INT,
        """
        --model-timeout --cb-block-size --cb-num-blocks --cb-max-batch-tokens --port
        --default-seed
        """,
    ),
    *flags(Takes.FLOAT, "--cb-max-memory-percent"),
    *flags(
        Takes.SWITCH,
        """
        --continuous-batching --compile --trust-remote-code --cb-use-cuda-graph --enable-cors
        --non-blocking --load-in-8bit --load-in-4bit --use-bnb-nested-quant --verbose
        """,
    ),
)
_BITS: Final = {"bnb-4bit": 4, "bnb-8bit": 8}


def reads(command: Command) -> bool:
    """Tell transformers' program."""
    return command.program in ("transformers", "transformers-cli")


def read(command: Command) -> Intent:
    """Read the arguments; those of `generate` follow a chat's model as `name=value`."""
    words = command.arguments.words
    name = words[0] if words else ""
    if name not in _ACTIONS:
        return Intent(
            engine="transformers", unread=(shown(f"transformers {name} (it is not read)"),)
        )
    said = take_apart(words[1:], FLAGS, Grammar())
    get = Settings(said.values)
    pairs = [word.partition("=") for word in said.positional if "=" in word]
    given = Settings({key: value for key, _, value in pairs})
    others = [word for word in said.positional if "=" not in word]
    model = get.text("force_model", "model_name_or_path")
    if model is None and others:
        model = others.pop(0)
    way = get.text("quantization")
    bits = _BITS.get(way or "")
    if get.truth("load_in_4bit"):
        bits = 4
    elif get.truth("load_in_8bit"):
        bits = 8
    device = get.text("device")
    older = command.program == "transformers-cli" and name == "serve"
    return Intent(
        action=_ACTIONS[name],
        engine="transformers",
        model=model,
        revision=get.text("model_revision"),
        dtype=get.text("dtype") or (None if older else "auto"),
        quantization="bitsandbytes" if bits else way,
        load_in_bits=bits,
        attention=get.text("attn_implementation"),
        device_map=device,
        trust_remote_code=get.truth("trust_remote_code"),
        batched_tokens=get.whole("cb_max_batch_tokens"),
        block_size=get.whole("cb_block_size"),
        gpu_memory_share=get.number("cb_max_memory_percent"),
        cuda_graphs=get.truth("cb_use_cuda_graph"),
        host=get.text("host"),
        port=get.whole("port"),
        sampling=Sampling(
            temperature=given.number("temperature"),
            top_p=given.number("top_p"),
            top_k=given.whole("top_k"),
            min_p=given.number("min_p"),
            repetition_penalty=given.number("repetition_penalty"),
            do_sample=given.truth("do_sample"),
            max_new_tokens=given.whole("max_new_tokens"),
            num_beams=given.whole("num_beams"),
        ),
        arguments=said.arguments,
        unread=(*said.unread, *get.unread, *given.unread, *map(shown, others)),
    )


def examples() -> Iterator[Reading]:
    """Yield commands with what must be read from them."""
    yield Reading(
        command="transformers serve ./m --dtype bfloat16 --quantization bnb-4bit --port 8001 "
        "--attn-implementation flash_attention_2 --trust-remote-code",
        expects={
            "action": Action.SERVE,
            "engine": "transformers",
            "model": "./m",
            "dtype": "bfloat16",
            "load_in_bits": 4,
            "attention": "flash_attention_2",
            "trust_remote_code": True,
            "unread": (),
        },
    )
    yield Reading(
        command="transformers chat m do_sample=False max_new_tokens=10 http://localhost:8000/v1",
        expects={
            "action": Action.GENERATE,
            "dtype": "auto",
            "sampling.do_sample": False,
            "sampling.max_new_tokens": 10,
            "unread": ("http://localhost:8000/v1",),
        },
    )
