"""TensorRT-LLM's server: `trtllm-serve MODEL` and `trtllm-serve serve MODEL`.

The file of `--extra_llm_api_options` (`--config` in newer releases) goes over the command line.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.command import Command, Reading
from firstmile.check.flags import Flag, Grammar, Takes, flags, take_apart
from firstmile.check.intent import Action, Intent, NamedFile, Parallel
from firstmile.check.settings import Settings
from firstmile.check.unknown_words import shown
from firstmile.check.written_files import fields_of
from firstmile.facts.machine import UnreadableError

ENGINE: Final = "tensorrt-llm"
FLAGS: Final[tuple[Flag, ...]] = (
    *flags(
        Takes.TEXT,
        """
        --tokenizer --custom_tokenizer --host --backend --served_model_name --revision|--hf_revision
        --extra_llm_api_options|--config --reasoning_parser --tool_parser --log_level
        --metadata_server_config_file --server_role --custom_module_dirs --chat_template
        --kv_cache_dtype --media_io_kwargs --otlp_traces_endpoint --disagg_cluster_uri
        """,
    ),
    *flags(
        Takes.INT,
        """
        --port --max_beam_width --max_batch_size --max_num_tokens --max_seq_len
        --tp_size|--tensor_parallel_size --pp_size|--pipeline_parallel_size
        --ep_size|--moe_expert_parallel_size --cp_size --cluster_size
        --moe_cluster_parallel_size --gpus_per_node --num_postprocess_workers
        """,
    ),
    *flags(Takes.FLOAT, "--free_gpu_memory_fraction|--kv_cache_free_gpu_memory_fraction"),
    *flags(
        Takes.SWITCH,
        """
        --trust_remote_code --enable_chunked_prefill --grpc
        --fail_fast_on_attention_window_too_large --enable_attention_dp --telemetry
        """,
    ),
)
"""https://nvidia.github.io/TensorRT-LLM/commands/trtllm-serve/trtllm-serve.html"""
_OTHERS: Final = ("disaggregated", "disaggregated_mpi_worker", "mm_embedding_serve")


def reads(command: Command) -> bool:
    """Tell the program."""
    return command.program == "trtllm-serve"


def read(command: Command) -> Intent:
    """Read the arguments, and the file that goes over them."""
    words = command.arguments.words
    if words[:1] and words[0] in _OTHERS:
        return Intent(engine=ENGINE, unread=(shown(f"trtllm-serve {words[0]} (it is not read)"),))
    said = take_apart(words[1:] if words[:1] == ("serve",) else words, FLAGS, Grammar())
    left = list(said.positional)
    model = left.pop(0) if left else None
    unread = [*said.unread]
    path = said.values.get("extra_llm_api_options")
    files: tuple[NamedFile, ...] = ()
    written: dict[str, Any] = {}
    if isinstance(path, str):
        files = command.file(path)
        try:
            written = fields_of(path, command.read_text, yaml=True)
        except UnreadableError as error:
            unread.append(shown(f"--extra_llm_api_options {path} ({error})"))
    get = Settings({**said.values, **written})
    cache = Settings(get.tree("kv_cache_config") or {})
    experts = get.whole("moe_expert_parallel_size", "ep_size")
    reuses = cache.truth("enable_block_reuse")
    return Intent(
        action=Action.SERVE,
        engine=ENGINE,
        model=model,
        revision=get.text("revision"),
        tokenizer=get.text("tokenizer"),
        dtype=get.text("dtype"),
        kv_cache_dtype=cache.text("dtype") or get.text("kv_cache_dtype"),
        context=get.whole("max_seq_len"),
        sequences=get.whole("max_batch_size"),
        batched_tokens=get.whole("max_num_tokens"),
        prefix_caching=reuses,
        trust_remote_code=get.truth("trust_remote_code"),
        chat_template=get.text("chat_template"),
        tool_parser=get.text("tool_parser"),
        reasoning_parser=get.text("reasoning_parser"),
        host=get.text("host"),
        port=get.whole("port"),
        parallel=Parallel(
            tensor=get.whole("tensor_parallel_size", "tp_size"),
            pipeline=get.whole("pipeline_parallel_size", "pp_size"),
            expert=None if experts is None else experts > 1,
        ),
        arguments=said.arguments,
        files=files,
        unread=(*unread, *get.unread, *cache.unread, *map(shown, left)),
    )


def examples() -> Iterator[Reading]:
    """Yield commands with what must be read from them."""
    yield Reading(
        command="trtllm-serve ./model --backend pytorch --tp_size 4 --max_seq_len 32768 "
        "--max_batch_size 64 --max_num_tokens 8192 --kv_cache_free_gpu_memory_fraction 0.85 "
        "--trust_remote_code --host 0.0.0.0 --port 8000",
        expects={
            "action": Action.SERVE,
            "engine": "tensorrt-llm",
            "model": "./model",
            "parallel.tensor": 4,
            "context": 32768,
            "sequences": 64,
            "batched_tokens": 8192,
            "trust_remote_code": True,
            "port": 8000,
            "unread": (),
        },
    )
    yield Reading(
        command="trtllm-serve serve m --tp_size 2 --ep_size 2 --extra_llm_api_options x.yml",
        files={
            "x.yml": "tensor_parallel_size: 8\nkv_cache_config:\n  dtype: fp8\n"
            "  enable_block_reuse: false\n"
        },
        expects={
            "model": "m",
            "parallel.tensor": 8,
            "parallel.expert": True,
            "kv_cache_dtype": "fp8",
            "prefix_caching": False,
            "unread": (),
        },
    )
    yield Reading(
        command="trtllm-serve disaggregated -c x.yml",
        expects={"unread": ("trtllm-serve disaggregated (it is not read)",)},
    )
