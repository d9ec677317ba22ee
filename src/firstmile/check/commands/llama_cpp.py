"""llama.cpp: `llama-server`, `llama-cli` and its kin, and their LLAMA_ARG_* variables.

A flag counts before its variable. `./server` and `./main`, as they were once called, are read
where they are given a GGUF file.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from firstmile.check.command import Command, Reading
from firstmile.check.config_words import template_file
from firstmile.check.flag_tables.llama_cpp import FLAGS, GRAMMAR, VARIABLES
from firstmile.check.flags import Said, take_apart, value_of
from firstmile.check.intent import Action, Intent, Sampling
from firstmile.check.settings import Settings
from firstmile.check.unknown_words import shown

_ACTIONS: Final = {
    "llama-server": Action.SERVE,
    "llama-cli": Action.GENERATE,
    "llama-completion": Action.GENERATE,
    "llama-mtmd-cli": Action.GENERATE,
    "llama-simple": Action.GENERATE,
    "llama-batched": Action.GENERATE,
    "llama-parallel": Action.GENERATE,
    "llama-speculative": Action.GENERATE,
    "llama-embedding": Action.GENERATE,
    "llama-perplexity": Action.GENERATE,
}
_ONCE: Final = {"server": Action.SERVE, "main": Action.GENERATE}
_FILES: Final = ("mmproj", "model_draft", "grammar_file", "json_schema_file", "system_prompt_file")
_SCALED: Final = re.compile(r":-?[0-9.]{1,20}$")
_TYPES: Final = {each.keeps: each.takes for each in FLAGS}


def reads(command: Command) -> bool:
    """Tell llama.cpp's programs, by their old names only with a GGUF file."""
    if command.program in _ACTIONS:
        return True
    return command.program in _ONCE and any(".gguf" in word for word in command.words)


def read(command: Command) -> Intent:
    """Read flags and variables."""
    said = take_apart(command.arguments.words, FLAGS, GRAMMAR)
    outside, unread = _of_variables(command.variables)
    get = Settings({**outside, **said.values})
    action = _ACTIONS.get(command.program) or _ONCE.get(command.program)
    context = get.whole("ctx_size")
    parallel = get.whole("parallel")
    predict = get.whole("predict")
    flash = get.values.get("flash_attn")
    reverse = get.text("reverse_prompt")
    model, is_local = _model(command, get)
    adapters = _adapters(said)
    return Intent(
        action=action,
        engine="llama.cpp",
        model=model,
        adapter=adapters[0] if adapters else None,
        adapters=adapters,
        kv_cache_dtype=get.text("cache_type_k", "cache_type_v"),
        attention={True: "flash", False: "off"}.get(flash) if isinstance(flash, bool) else None,
        devices=_devices(get.text("device")),
        context=context if context else None,
        sequences=parallel if parallel is not None and parallel > 0 else None,
        batch_size=get.whole("batch_size"),
        batched_tokens=get.whole("ubatch_size"),
        gpu_layers=_layers(get),
        prefix_caching=get.truth("cache_prompt"),
        chat_template=get.text("chat_template_file", "chat_template"),
        reasoning_parser=get.text("reasoning_format"),
        stop=(reverse,) if reverse else (),
        host=get.text("host"),
        port=get.whole("port"),
        rope_scaling=_rope(get),
        sampling=Sampling(
            temperature=get.number("temp"),
            top_p=get.number("top_p"),
            top_k=get.whole("top_k"),
            min_p=get.number("min_p"),
            repetition_penalty=get.number("repeat_penalty"),
            max_new_tokens=predict if predict is not None and predict > 0 else None,
        ),
        arguments=said.arguments,
        files=(
            *(command.file(file) if is_local and (file := said.values.get("model")) else ()),
            *template_file(command, get.text("chat_template_file")),
            *(one for path in (*adapters, *_beside(get)) for one in command.file(path)),
        ),
        unread=(*said.unread, *unread, *get.unread, *map(shown, said.positional)),
        unknown=said.unknown,
    )


def _model(command: Command, get: Settings) -> tuple[str | None, bool]:
    """Return the model that is meant, and whether it must be a file of this machine.

    Beside a repository `--model` is a file of that one, beside an address the place where the file
    is put that is fetched (common/arg.cpp).
    """
    local = get.text("model")
    remote = get.text("docker_repo", "hf_repo", "model_url")
    if remote is None:
        return local, True
    fetched = local is not None and not get.text("docker_repo", "hf_repo")
    there = fetched and local is not None and command.read_start(local, 1) is not None
    return local if there else remote, False


def _adapters(said: Said) -> tuple[str, ...]:
    """Return the files of adapters: `--lora A,B` and `--lora-scaled A:0.5,B:1`, each repeatable."""
    found: list[str] = []
    for each in said.arguments:
        paths = Settings.parted(each.value or "")
        if each.name == "lora":
            found += paths
        elif each.name == "lora_scaled":
            found += (_SCALED.sub("", path) for path in paths)
    return tuple(found)


def _beside(get: Settings) -> Iterator[str]:
    """Yield the other files of this machine that are opened beside the model."""
    from_hub = get.text("hf_repo_draft") is not None
    for name in _FILES:
        path = get.text(name)
        if path and not (name == "model_draft" and from_hub):
            yield path


def _of_variables(variables: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Return what variables say, and those that nobody knows or that are not of their kind.

    `LLAMA_ARG_NO_X` denies a switch, whatever its value.
    """
    values: dict[str, Any] = {}
    unread = []
    for variable, text in variables.items():
        if not variable.startswith("LLAMA_ARG_"):
            continue
        name = VARIABLES.get(variable)
        denied = VARIABLES.get(variable.replace("LLAMA_ARG_NO_", "LLAMA_ARG_"))
        if name is None and denied is not None:
            values[denied] = False
            continue
        value = value_of(text, _TYPES[name]) if name is not None else None
        if name is None or value is None:
            unread.append(shown(f"{variable}={text}"))
        else:
            values[name] = value
    return values, unread


def _layers(get: Settings) -> int | None:
    """Return the layers on the GPU: "all" is -1, and "auto" is not said."""
    text = get.text("gpu_layers")
    if text is None or text == "auto":
        return None
    return -1 if text == "all" else get.whole("gpu_layers")


def _devices(text: str | None) -> tuple[int, ...] | None:
    """Return the indices of devices such as "CUDA0,CUDA1"; none where they are of no GPU."""
    if text is None:
        return None
    if text == "none":
        return ()
    found = [re.fullmatch(r"[A-Za-z]+([0-9]{1,3})", part) for part in Settings.parted(text)]
    return tuple(int(each[1]) for each in found if each) if all(found) and found else None


def _rope(get: Settings) -> dict[str, Any] | None:
    kind = get.text("rope_scaling")
    factor = get.number("rope_scale")
    scale = get.number("rope_freq_scale")
    if factor is None and scale:
        factor = 1 / scale
    original = get.whole("yarn_orig_ctx")
    if kind is None and factor is None:
        return None
    found: dict[str, Any] = {"rope_type": kind or "linear"}
    if factor is not None:
        found["factor"] = factor
    if original:
        found["original_max_position_embeddings"] = original
    return found


def examples() -> Iterator[Reading]:
    """Yield commands with what must be read from them."""
    yield Reading(
        command="llama-server -m m.gguf -c 16384 -ngl 99 -b 2048 -ub 512 -fa on -ctk q8_0 "
        "-ctv q8_0 -np 4 -sm row -ts 3,1 --jinja --host 0.0.0.0 --port 8080",
        expects={
            "action": Action.SERVE,
            "engine": "llama.cpp",
            "model": "m.gguf",
            "context": 16384,
            "gpu_layers": 99,
            "batch_size": 2048,
            "batched_tokens": 512,
            "attention": "flash",
            "kv_cache_dtype": "q8_0",
            "sequences": 4,
            "port": 8080,
            "unread": (),
        },
    )
    yield Reading(
        command="LLAMA_ARG_CTX_SIZE=8192 LLAMA_ARG_N_GPU_LAYERS=all LLAMA_ARG_FLASH_ATTN=1 "
        "LLAMA_ARG_NO_MMAP=1 LLAMA_ARG_MODEL=x.gguf llama-server -c 4096 -fa --no-jinja",
        expects={
            "model": "x.gguf",
            "context": 4096,
            "gpu_layers": -1,
            "attention": "flash",
            "unread": (),
        },
    )
    yield Reading(
        command="./build/bin/llama-cli -hf ggml-org/gemma-3-1b-it-GGUF:Q4_K_M -c 0 -ngl auto -p Hi "
        "-n -1 --temp 0.7 --top-k 40 -dev CUDA0,CUDA1 --rope-scaling yarn --rope-scale 4 "
        "--yarn-orig-ctx 32768",
        expects={
            "action": Action.GENERATE,
            "model": "ggml-org/gemma-3-1b-it-GGUF:Q4_K_M",
            "context": None,
            "gpu_layers": None,
            "devices": (0, 1),
            "sampling.temperature": 0.7,
            "sampling.max_new_tokens": None,
            "rope_scaling": {
                "rope_type": "yarn",
                "factor": 4.0,
                "original_max_position_embeddings": 32768,
            },
            "unread": (),
        },
    )
    yield Reading(
        command="llama-server -hf owner/m-GGUF -m m-Q4_K_M.gguf",
        expects={"model": "owner/m-GGUF", "files": (), "unread": ()},
    )
    yield Reading(
        command="llama-server -mu https://example.org/m.gguf -m models/m.gguf",
        expects={"model": "https://example.org/m.gguf", "files": (), "unread": ()},
    )
    yield Reading(
        command="llama-server -m m.gguf --lora a.gguf,b.gguf --lora-scaled c.gguf:0.5 "
        "--mmproj p.gguf",
        expects={
            "adapters": ("a.gguf", "b.gguf", "c.gguf"),
            "adapter": "a.gguf",
            "unread": (),
        },
    )
    yield Reading(
        command="./main -m m.gguf --ctx-sizes 10 -nkvo",
        expects={"unread": ("--ctx-sizes (did you mean --ctx-size?) 10",)},
    )
