"""Ollama: `ollama run MODEL`, `ollama serve`, `ollama create NAME -f Modelfile`, OLLAMA_*.

A Modelfile that is created from is read: FROM, ADAPTER, TEMPLATE and its parameters.
"""

import re
from collections.abc import Iterator
from typing import Final

from firstmile.check.command import Command, Reading
from firstmile.check.flags import Flag, Grammar, Takes, flags, take_apart
from firstmile.check.intent import Action, Intent, NamedFile, Sampling, Unknown
from firstmile.check.settings import Settings
from firstmile.check.unknown_words import no_command, shown
from firstmile.facts.machine import UnreadableError
from firstmile.facts.model_folder.modelfile import parse_modelfile

_FLAGS: Final[dict[str, tuple[Flag, ...]]] = {
    "run": (
        *flags(Takes.TEXT, "--keepalive --format"),
        *flags(Takes.INT, "--dimensions"),
        *flags(Takes.SWITCH, "--verbose --insecure --nowordwrap --hidethinking --truncate --think"),
    ),
    "serve": (),
    "create": (
        *flags(Takes.TEXT, "--file|-f --quantize|-q --draft-quantize"),
        *flags(Takes.SWITCH, "--experimental"),
    ),
}
_ACTIONS: Final = {
    "run": Action.GENERATE,
    "serve": Action.SERVE,
    "start": Action.SERVE,
    "create": Action.CONVERT,
}
_PARAMETERS: Final = frozenset(
    (
        *("num_ctx", "num_batch", "num_gpu", "main_gpu", "use_mmap", "num_thread", "num_keep"),
        *("draft_num_predict", "seed", "num_predict", "top_k", "top_p", "min_p", "typical_p"),
        *("repeat_last_n", "temperature", "repeat_penalty", "presence_penalty", "stop"),
        *("frequency_penalty", "mirostat", "mirostat_tau", "mirostat_eta", "penalize_newline"),
        *("tfs_z", "num_gqa", "use_mlock", "vocab_only", "low_vram", "f16_kv", "logits_all"),
        *("numa", "embedding_only", "rope_frequency_base", "rope_frequency_scale"),
    )
)
"""Those of Ollama's api/types.go, and those that older releases had; others end `ollama create`."""
_LARGEST: Final = 256 * 1024


def reads(command: Command) -> bool:
    """Tell Ollama's program."""
    return command.program == "ollama"


def read(command: Command) -> Intent:
    """Read the arguments, the variables, and the Modelfile of `create`."""
    words = command.arguments.words
    name = words[0] if words else ""
    if name not in _ACTIONS:
        return Intent(
            engine="ollama",
            unread=(no_command("ollama", name, _ACTIONS, why="it is not read"),),
        )
    said = take_apart(words[1:], _FLAGS.get(name, ()), Grammar(underscores=False, attached=True))
    model = next(iter(said.positional), None)
    more = said.positional[1:] if name != "run" else ()
    written = Settings({})
    unread: list[str] = []
    files: tuple[NamedFile, ...] = ()
    if name == "create":
        path = str(said.values.get("file", "Modelfile"))
        text = command.read_text(path)
        files = command.file(path)
        if text is None or len(text) > _LARGEST:
            unread.append(shown(f"{path} (it cannot be read)"))
        else:
            written, unread = _modelfile(text)
            model = written.text("FROM") or model
    variables = Settings(
        {key: value for key, value in command.variables.items() if key.startswith("OLLAMA_")}
    )
    host, port = _address(variables.text("OLLAMA_HOST"))
    stops = written.values.get("stop", ())
    flash = variables.truth("OLLAMA_FLASH_ATTENTION")
    return Intent(
        action=_ACTIONS[name],
        engine="ollama",
        model=model,
        adapter=written.text("ADAPTER"),
        quantization=said.values.get("quantize"),
        kv_cache_dtype=variables.text("OLLAMA_KV_CACHE_TYPE"),
        attention=None if flash is None else "flash" if flash else "off",
        context=written.whole("num_ctx") or variables.whole("OLLAMA_CONTEXT_LENGTH") or None,
        sequences=variables.whole("OLLAMA_NUM_PARALLEL") or None,
        batch_size=written.whole("num_batch"),
        gpu_layers=written.whole("num_gpu"),
        host=host if name == "serve" else None,
        port=port if name == "serve" else None,
        stop=tuple(stops) if isinstance(stops, tuple) else (),
        sampling=Sampling(
            temperature=written.number("temperature"),
            top_p=written.number("top_p"),
            top_k=written.whole("top_k"),
            min_p=written.number("min_p"),
            repetition_penalty=written.number("repeat_penalty"),
            max_new_tokens=written.whole("num_predict"),
        ),
        arguments=said.arguments,
        files=files,
        unknown=(*said.unknown, *written.unknown),
        unread=(
            *said.unread,
            *unread,
            *written.unread,
            *variables.unread,
            *map(shown, more),
        ),
    )


def _modelfile(text: str) -> tuple[Settings, list[str]]:
    """Return what a Modelfile says, and its lines that nobody understands."""
    try:
        found = parse_modelfile(text)
    except UnreadableError as error:
        return Settings({}), [shown(f"Modelfile ({error})")]
    parameters = found.get("PARAMETER", {})
    values = {key.lower(): value for key, value in parameters.items() if key != "stop"}
    values |= {name: found[name][0] for name in ("FROM", "ADAPTER") if name in found}
    values["stop"] = tuple(parameters.get("stop", ()))
    unread = [shown(f"Modelfile {line}") for line in found.get("UNKNOWN", ())]
    settings = Settings(values, where="Modelfile")
    settings.name_unknown(_PARAMETERS | {"FROM", "ADAPTER"})
    return settings, unread


def _address(text: str | None) -> tuple[str | None, int | None]:
    """Return host and port of OLLAMA_HOST, which may be an address of the web."""
    if text is None:
        return None, None
    plain = text.rpartition("://")[2].partition("/")[0]
    host, colon, port = plain.rpartition(":")
    if colon and re.fullmatch(r"[0-9]{1,5}", port):
        return host or None, int(port)
    return plain or None, None


def examples() -> Iterator[Reading]:
    """Yield commands with what must be read from them."""
    yield Reading(
        command="OLLAMA_CONTEXT_LENGTH=8192 OLLAMA_NUM_PARALLEL=2 OLLAMA_FLASH_ATTENTION=1 "
        "OLLAMA_KV_CACHE_TYPE=q8_0 OLLAMA_HOST=0.0.0.0:11435 ollama serve",
        expects={
            "action": Action.SERVE,
            "engine": "ollama",
            "context": 8192,
            "sequences": 2,
            "kv_cache_dtype": "q8_0",
            "attention": "flash",
            "host": "0.0.0.0",  # noqa: S104 (what the example says)
            "port": 11435,
            "unread": (),
        },
    )
    yield Reading(
        command="ollama run qwen3:8b --verbose 'Say hi' --keepalive 5m",
        expects={"action": Action.GENERATE, "model": "qwen3:8b", "unread": ()},
    )
    yield Reading(
        command="ollama create mine -f ./Modelfile -q q4_K_M",
        files={
            "./Modelfile": "FROM ./m.gguf\nADAPTER ./a\nPARAMETER num_ctx 4096\n"
            'PARAMETER stop "<|im_end|>"\nPARAMETER temperature 0.6\nPARAMETER num_gpu 10\n'
        },
        expects={
            "action": Action.CONVERT,
            "model": "./m.gguf",
            "adapter": "./a",
            "context": 4096,
            "stop": ("<|im_end|>",),
            "sampling.temperature": 0.6,
            "gpu_layers": 10,
            "quantization": "q4_K_M",
        },
    )
    yield Reading(
        command="ollama create mine",
        files={
            "Modelfile": 'from qwen3:8b\n# PARAMETER top_k 1\nSYSTEM """Say:\nPARAMETER num_ctx 9\n'
            '"""\nPARAMETER top_k 20\nPARAMETER stop <|a|>\nPARAMETER stop "b c"\nWISH x\n'
        },
        expects={
            "model": "qwen3:8b",
            "context": None,
            "sampling.top_k": 20,
            "stop": ("<|a|>", "b c"),
            "unread": ("Modelfile line 9: WISH x",),
        },
    )
    yield Reading(
        command="ollama create mine",
        files={"Modelfile": "FROM ./m.gguf\nPARAMETER stopp x\nPARAMETER mirostat 1\n"},
        expects={
            "unread": ("Modelfile: stopp (did you mean stop?)",),
            "unknown": (Unknown(kind="setting", written="stopp", near="stop"),),
        },
    )
    yield Reading(command="ollama ps", expects={"unread": ("ollama ps (it is not read)",)})
