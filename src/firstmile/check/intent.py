"""What somebody intends to run: the engine, and every setting of it that is judged."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec


class Action(StrEnum):
    """What is to be done with the model."""

    LOAD = "load"
    GENERATE = "generate"
    SERVE = "serve"
    FINE_TUNE = "fine-tune"
    CONVERT = "convert"


class Parallel(msgspec.Struct, frozen=True, kw_only=True):
    """How the work is spread; None where nothing was said, which is not one.

    `processes` are those that a launcher starts on one machine, `nodes` the machines.
    """

    tensor: int | None = None
    pipeline: int | None = None
    data: int | None = None
    expert: bool | None = None
    context: int | None = None
    nodes: int | None = None
    node_rank: int | None = None
    processes: int | None = None
    master_address: str | None = None
    master_port: int | None = None


class Sampling(msgspec.Struct, frozen=True, kw_only=True):
    """How tokens are chosen; None where nothing was said."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    repetition_penalty: float | None = None
    do_sample: bool | None = None
    max_new_tokens: int | None = None
    num_beams: int | None = None


class Lora(msgspec.Struct, frozen=True, kw_only=True):
    """An adapter that is to be trained."""

    rank: int | None = None
    alpha: float | None = None
    dropout: float | None = None
    target_modules: tuple[str, ...] = ()
    modules_to_save: tuple[str, ...] = ()


class Dataset(msgspec.Struct, frozen=True, kw_only=True):
    """A data file that is trained on, by what its first records show.

    `keys` are the fields of the first record; `roles` those in the order in which they occur
    in it; `records` were read, `empty` and `broken` of them are no use, with the number of the
    first; `longest_characters` is the longest text of one record. `whole` tells whether these
    are all records of the file.
    """

    path: str
    form: str
    records: int
    keys: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    empty: int = 0
    broken: int = 0
    first_broken: int | None = None
    longest_characters: int | None = None
    whole: bool = True
    problem: str | None = None


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A folder of an earlier training, by the files in it that trainers know.

    `files` are those that are there, `processes` how many ranks saved their random state.
    """

    path: str
    files: tuple[str, ...] = ()
    processes: int | None = None


class Training(msgspec.Struct, frozen=True, kw_only=True):
    """Fine-tuning; None where nothing was said, so that the library's own default holds.

    `method` is "full", "lora" or "qlora". `deepspeed` is the tree of its JSON, `fsdp` the
    settings of FSDP. `world_size` stands in the intent's `parallel`. `settings` holds all that
    was said, by transformers' and TRL's names. `checkpoint` is what lies at `resume_from`,
    `output` what lies in the output folder already; None where nobody looked.
    """

    method: str | None = None
    per_device_batch_size: int | None = None
    gradient_accumulation_steps: int | None = None
    global_batch_size: int | None = None
    learning_rate: float | None = None
    scheduler: str | None = None
    warmup_steps: int | None = None
    warmup_ratio: float | None = None
    epochs: float | None = None
    max_steps: int | None = None
    optimizer: str | None = None
    weight_decay: float | None = None
    max_grad_norm: float | None = None
    fp16: bool | None = None
    bf16: bool | None = None
    tf32: bool | None = None
    gradient_checkpointing: bool | None = None
    use_cache: bool | None = None
    packing: bool | None = None
    padding_free: bool | None = None
    max_length: int | None = None
    completion_only: bool | None = None
    response_template: str | None = None
    lora: Lora | None = None
    deepspeed: Mapping[str, Any] | None = None
    fsdp: Mapping[str, Any] | None = None
    resume_from: str | None = None
    output_folder: str | None = None
    evaluation_strategy: str | None = None
    save_strategy: str | None = None
    load_best_model: bool | None = None
    group_by_length: bool | None = None
    remove_unused_columns: bool | None = None
    workers: int | None = None
    datasets: tuple[Dataset, ...] = ()
    settings: Mapping[str, Any] = msgspec.field(default_factory=dict)
    checkpoint: Checkpoint | None = None
    output: Checkpoint | None = None


class Container(msgspec.Struct, frozen=True, kw_only=True):
    """The container that a command runs in; None and empty where nothing was said.

    `gpus` is what is asked for in words ("all", "2", "device=0,1"). `mounts` are folders of the
    host and where they lie inside, `ports` those of the host and the container's; `local_ports`
    are those of the host that only it can reach. `workdir` is the folder that the command starts
    in. With `keeps_variables` those outside hold inside as well. `volumes` are the places inside of
    what is mounted and no folder of the host; None where nobody looked.
    """

    image: str | None = None
    gpus: str | None = None
    shared_memory_bytes: int | None = None
    memory_bytes: int | None = None
    host_ipc: bool | None = None
    host_network: bool | None = None
    privileged: bool | None = None
    runtime: str | None = None
    mounts: tuple[tuple[str, str], ...] = ()
    ports: tuple[tuple[int, int], ...] = ()
    local_ports: tuple[int, ...] = ()
    workdir: str | None = None
    keeps_variables: bool = False
    volumes: tuple[str, ...] | None = None


class NamedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A script or settings file of a command, and whether it is there.

    `alike` are files beside it whose names are, where it is not there.
    """

    path: str
    is_there: bool
    alike: tuple[str, ...] = ()


class Unknown(msgspec.Struct, frozen=True, kw_only=True):
    """A name that the program does not have in any release that is known.

    `kind` is "option", of a command line, "setting", of a file, or "data set", of a list of such.
    `near` is the known name that it is most like, `typed` whether it is so like that one that it
    must be a slip.
    """

    kind: str
    written: str
    near: str | None = None
    typed: bool = False


class OwnOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What the parser of a script's own options says to the words of the command.

    `missing` are options that it requires, `unknown` words that it has no option for, and
    `refuses` what else it says before it ends the run; with none of them it takes all. `known` are
    the long options that it has, empty where not all are known.
    """

    where: str
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    refuses: str = ""
    known: tuple[str, ...] = ()


class Impossible(msgspec.Struct, frozen=True, kw_only=True):
    """A number that no program takes for a setting: as it was written, and what it may be."""

    written: str
    words: str
    least: int
    most: int | None = None


class Argument(msgspec.Struct, frozen=True, kw_only=True):
    """One argument as it was written, and the name that its engine knows it by.

    `lacks` is what the option takes where the value is not of that kind, or is not there.
    """

    written: str
    name: str
    value: str | None
    lacks: str | None = None


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """What is intended; None and empty where nothing was said.

    `engine` is "transformers", "trl", "vllm", "sglang", "llama.cpp", "ollama", "lmdeploy",
    "tensorrt-llm", "text-generation-inference", "deepspeed", "llama-factory", "axolotl",
    "torchtune", "accelerate", "torchrun", "meta-llama" (the example scripts of Meta's repositories)
    or "deepseek-demo" (those of DeepSeek's). `context` counts tokens of prompt and answer together.
    `sequences` are answered at once; `batched_tokens` go through the model in one step. `launcher`
    is the program that starts the processes: "torchrun", "accelerate", "deepspeed", one that starts
    them by itself ("trl", "axolotl", "llama-factory"), or "python" of a script alone. `program` is
    the one that is started in the end, without its folder; `script` the file or module that Python
    runs there; `script_arguments` are the words behind either.
    `interpreter` is the environment that the command names, by its folder or by conda's name.
    With `elsewhere` a launcher starts it on machines of a cluster, of which this need not be one.
    `adapters` are all that a server is given, of which `adapter` is the first.
    Shares are between 0 and 1, sizes bytes. `devices` are the indices that the command
    or its variables leave visible. `gpu_layers` is llama.cpp's number of layers on the GPU, -1 all.
    `files` are the script and the settings files of the command that were looked for.
    `unread` is what of the command was not understood, in its own words; `unknown` are the names
    among it that a program which stops at unknown ones does not have. `impossible` are numbers
    that it refuses; no setting here holds one. `own_options` is what a script's own parser
    says, None where it is not surely read.
    """

    action: Action | None = None
    engine: str | None = None
    command: str | None = None
    launcher: str | None = None
    program: str | None = None
    script: str | None = None
    script_arguments: tuple[str, ...] = ()
    interpreter: str | None = None
    elsewhere: bool | None = None
    model: str | None = None
    revision: str | None = None
    tokenizer: str | None = None
    adapter: str | None = None
    adapters: tuple[str, ...] = ()
    dtype: str | None = None
    quantization: str | None = None
    load_in_bits: int | None = None
    kv_cache_dtype: str | None = None
    attention: str | None = None
    device_map: str | None = None
    devices: tuple[int, ...] | None = None
    context: int | None = None
    sequences: int | None = None
    batched_tokens: int | None = None
    batch_size: int | None = None
    gpu_memory_share: float | None = None
    cpu_offload_bytes: int | None = None
    swap_bytes: int | None = None
    gpu_layers: int | None = None
    block_size: int | None = None
    cuda_graphs: bool | None = None
    prefix_caching: bool | None = None
    trust_remote_code: bool | None = None
    fast_tokenizer: bool | None = None
    load_format: str | None = None
    chat_template: str | None = None
    tool_parser: str | None = None
    tool_choice: bool | None = None
    reasoning_parser: str | None = None
    stop: tuple[str, ...] = ()
    stop_ids: tuple[int, ...] = ()
    lora_rank_limit: int | None = None
    host: str | None = None
    port: int | None = None
    rope_scaling: Mapping[str, Any] | None = None
    overrides: Mapping[str, Any] = msgspec.field(default_factory=dict)
    variables: Mapping[str, str] = msgspec.field(default_factory=dict)
    parallel: Parallel = Parallel()
    sampling: Sampling = Sampling()
    training: Training | None = None
    container: Container | None = None
    arguments: tuple[Argument, ...] = ()
    files: tuple[NamedFile, ...] = ()
    unread: tuple[str, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    impossible: tuple[Impossible, ...] = ()
    own_options: OwnOptions | None = None

    @property
    def serves(self) -> bool:
        """Whether a server is started."""
        return self.action is Action.SERVE

    @property
    def trains(self) -> bool:
        """Whether the model is fine-tuned."""
        return self.action is Action.FINE_TUNE
