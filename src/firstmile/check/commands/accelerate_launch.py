"""`accelerate launch`: flags before a `--config_file` (YAML), and what is launched.

Settings of FSDP and DeepSpeed become the training's; the file that accelerate takes where none
is named, in the cache folder of the user, is not looked for.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from firstmile.check.command import Command, Reading, joined, numbers_of, read_launched
from firstmile.check.flags import Flag, Grammar, Takes, flags, take_apart
from firstmile.check.intent import Intent, Parallel, Training
from firstmile.check.settings import Settings
from firstmile.check.training_settings import tree_of
from firstmile.check.unknown_words import shown
from firstmile.check.written_files import fields_of
from firstmile.facts.machine import UnreadableError

_MODULES: Final = ("accelerate.commands.launch", "accelerate.commands.accelerate_cli")
FLAGS: Final[tuple[Flag, ...]] = (
    *flags(
        Takes.TEXT,
        """
        --config_file --mixed_precision --dynamo_backend --dynamo_mode --gpu_ids
        --main_process_ip --tee|-t --log_dir --role --rdzv_backend --rdzv_conf
        --main_training_function --deepspeed_config_file --offload_optimizer_device
        --offload_param_device --offload_optimizer_nvme_path --offload_param_nvme_path
        --zero3_init_flag --zero3_save_16bit_model --deepspeed_hostfile
        --deepspeed_exclusion_filter --deepspeed_inclusion_filter
        --deepspeed_multinode_launcher --deepspeed_moe_layer_cls_names --fsdp_version
        --fsdp_offload_params --fsdp_sharding_strategy --fsdp_reshard_after_forward
        --fsdp_auto_wrap_policy --fsdp_transformer_layer_cls_to_wrap --fsdp_backward_prefetch
        --fsdp_state_dict_type --fsdp_forward_prefetch --fsdp_use_orig_params
        --fsdp_cpu_ram_efficient_loading --fsdp_sync_module_states
        --fsdp_activation_checkpointing --fsdp_activation_checkpointing_offload
        --fsdp_backward_prefetch_policy --megatron_lm_sequence_parallelism
        --megatron_lm_recompute_activations --megatron_lm_use_distributed_optimizer
        --megatron_lm_recompute_granularity --megatron_lm_recompute_method
        --megatron_lm_use_custom_fsdp --megatron_lm_no_load_optim --megatron_lm_eod_mask_loss
        --megatron_lm_overlap_cpu_optimizer_d2h_h2d --megatron_lm_no_save_optim
        --megatron_lm_optimizer_cpu_offload --megatron_lm_use_precision_aware_optimizer
        --megatron_lm_attention_backend --megatron_lm_attention_softmax_in_fp32
        --megatron_lm_calculate_per_token_loss --megatron_lm_use_rotary_position_embeddings
        --fp8_backend --fp8_format --fp8_amax_compute_algo --fp8_override_linear_precision
        --fp8_opt_level --fp8_enable_fsdp_float8_all_gather --fp8_pad_inner_dim
        --aws_access_key_id --aws_secret_access_key --mpirun_hostfile
        --parallelism_config_cp_backend --parallelism_config_cp_comm_strategy
        --parallelism_config_sp_backend --parallelism_config_sp_seq_length
        --parallelism_config_sp_seq_length_is_variable
        --parallelism_config_sp_attn_implementation
        """,
    ),
    *flags(
        Takes.INT,
        """
        --num_processes --num_machines --num_cpu_threads_per_process --machine_rank
        --main_process_port --max_restarts --zero_stage --gradient_accumulation_steps
        --fsdp_min_num_params --megatron_lm_tp_degree --megatron_lm_pp_degree
        --megatron_lm_num_micro_batches --megatron_lm_decoder_last_pipeline_num_layers
        --megatron_lm_recompute_num_layers --megatron_lm_expert_model_parallel_size
        --megatron_lm_context_parallel_size --megatron_lm_expert_tensor_parallel_size
        --fp8_margin --fp8_interval --fp8_amax_history_len
        --parallelism_config_dp_replicate_size --parallelism_config_dp_shard_size
        --parallelism_config_tp_size --parallelism_config_cp_size --parallelism_config_sp_size
        """,
    ),
    *flags(
        Takes.FLOAT,
        """
        --monitor_interval --gradient_clipping --megatron_lm_gradient_clipping
        --megatron_lm_attention_dropout --megatron_lm_hidden_dropout
        """,
    ),
    *flags(
        Takes.SWITCH,
        """
        --quiet|-q --cpu --multi_gpu --tpu --enable_cpu_affinity --dynamo_use_fullgraph
        --dynamo_use_dynamic --dynamo_use_regional_compilation --use_deepspeed --use_fsdp
        --use_parallelism_config --use_megatron_lm --same_network --module|-m --no_python
        --tpu_cluster --no_tpu_cluster --tpu_use_sudo --downcast_bf16
        --fp8_use_autocast_during_eval --use_xpu --ipex --debug
        """,
    ),
    *flags(Takes.REPEATED, "--vm --env"),
)
"""Those of accelerate 1.15."""

_OF_THE_FILE: Final = frozenset(
    (
        *(name.lstrip("-") for each in FLAGS for name in each.names),
        *("compute_environment", "distributed_type", "fsdp_config", "deepspeed_config"),
        *("dynamo_config", "megatron_lm_config", "mpirun_config", "fp8_config", "tpu_env"),
        *("use_cpu", "tpu_name", "tpu_zone", "commands", "command_file", "ipex_config"),
        *("parallelism_config", "tpu_use_cluster", "main_training_function"),
    )
)


def reads(command: Command) -> bool:
    """Tell `accelerate` with any of its commands."""
    return command.program in ("accelerate", "accelerate-launch") or command.module in _MODULES


def read(command: Command) -> Intent:
    """Read flags and file, and the script behind them."""
    words = command.arguments.words
    if command.program == "accelerate" or command.module == _MODULES[1]:
        if words[:1] != ("launch",):
            name = words[0] if words else ""
            return Intent(engine="accelerate", unread=(shown(f"accelerate {name} (is not read)"),))
        words = words[1:]
    grammar = Grammar(first_word_ends=True, abbreviations=True)
    said = take_apart(words, FLAGS, grammar)
    outer = launched(command, said.values)
    get = said.values.get
    inner = read_launched(
        command, said.rest, plain=bool(get("no_python")), module=bool(get("module"))
    )
    outer = joined(Intent(arguments=said.arguments, unread=said.unread), outer)
    return joined(outer, inner)


def launched(command: Command, given: Mapping[str, Any]) -> Intent:
    """Return what accelerate's flags and its file intend, without the script."""
    unread: list[str] = []
    written: dict[str, Any] = {}
    path = given.get("config_file")
    if isinstance(path, str):
        try:
            written = fields_of(path, command.read_text)
        except UnreadableError as error:
            unread.append(shown(f"--config_file {path} ({error})"))
    file = Settings(written, where=path if isinstance(path, str) else "")
    file.name_unknown(_OF_THE_FILE)
    get = Settings({**written, **given})
    machines = get.whole("num_machines")
    processes = get.whole("num_processes")
    here = processes
    if processes is not None and machines is not None and machines > 1:
        here = processes // machines if processes % machines == 0 else None
    precision = (get.text("mixed_precision") or "").lower()
    tensor = get.whole("parallelism_config_tp_size", "megatron_lm_tp_degree")
    ids = get.text("gpu_ids")
    return Intent(
        engine="accelerate",
        devices=numbers_of(ids) or None if ids not in (None, "all") else None,
        parallel=Parallel(
            tensor=tensor,
            pipeline=get.whole("megatron_lm_pp_degree"),
            context=get.whole("parallelism_config_cp_size"),
            processes=here,
            nodes=machines,
            node_rank=get.whole("machine_rank"),
            master_address=get.text("main_process_ip"),
            master_port=get.whole("main_process_port"),
        ),
        training=_training(command, get, precision),
        files=command.file(path) if isinstance(path, str) else (),
        unread=(*unread, *file.unread, *get.unread),
    )


def _training(command: Command, get: Settings, precision: str) -> Training | None:
    kind = (get.text("distributed_type") or "").upper()
    deepspeed = _deepspeed(command, get) if kind == "DEEPSPEED" or _uses(get, "deepspeed") else None
    fsdp = _fsdp(get) if kind == "FSDP" or _uses(get, "fsdp") else None
    found = Training(
        bf16=True if precision == "bf16" else None,
        fp16=True if precision == "fp16" else None,
        deepspeed=deepspeed,
        fsdp=fsdp,
    )
    return None if found == Training() else found


def _uses(get: Settings, what: str) -> bool:
    return get.truth(f"use_{what}") is True or get.values.get(f"{what}_config") not in (None, {})


def _fsdp(get: Settings) -> dict[str, Any]:
    tree = dict(get.tree("fsdp_config") or {})
    tree |= {name: value for name, value in get.values.items() if name.startswith("fsdp_")}
    tree.pop("fsdp_config", None)
    return tree


def _deepspeed(command: Command, get: Settings) -> dict[str, Any]:
    """Return DeepSpeed's tree: that of its own JSON, or made of accelerate's fields."""
    plugin = Settings({**(get.tree("deepspeed_config") or {}), **get.values})
    own = tree_of(command, plugin, "deepspeed_config_file")
    get.unread += plugin.unread
    if own is not None:
        return own
    zero: dict[str, Any] = {}
    stage = plugin.whole("zero_stage")
    if stage is not None:
        zero["stage"] = stage
    gathers = plugin.truth("zero3_save_16bit_model")
    if gathers is not None:
        zero["stage3_gather_16bit_weights_on_model_save"] = gathers
    for name in ("optimizer", "param"):
        device = plugin.text(f"offload_{name}_device")
        if device is not None:
            zero[f"offload_{name}"] = {"device": device}
    tree: dict[str, Any] = {"zero_optimization": zero} if zero else {}
    for name in ("gradient_accumulation_steps", "gradient_clipping"):
        if plugin.has(name):
            tree[name] = plugin.values[name]
    return tree


def examples() -> Iterator[Reading]:
    """Yield commands with what must be read from them."""
    yield Reading(
        command="accelerate launch --num_processes 16 --num_machines 2 --mixed_precision bf16 "
        "--use_deepspeed --zero_stage 3 --offload_param_device cpu --machine_rank 0 "
        "--main_process_ip 10.0.0.1 --main_process_port 29500 train.py --model_name_or_path m",
        expects={
            "engine": "transformers",
            "parallel.processes": 8,
            "parallel.nodes": 2,
            "training.bf16": True,
            "training.deepspeed": {
                "zero_optimization": {"stage": 3, "offload_param": {"device": "cpu"}}
            },
            "unread": (),
        },
    )
    yield Reading(
        command="accelerate launch --config_file fsdp.yaml --num_processes 4 -m pkg.sft --fp16",
        files={
            "fsdp.yaml": "compute_environment: LOCAL_MACHINE\ndistributed_type: FSDP\n"
            "mixed_precision: bf16\nnum_machines: 1\nnum_processes: 8\nfsdp_config:\n"
            "  fsdp_version: 2\n  fsdp_auto_wrap_policy: TRANSFORMER_BASED_WRAP\nodd: 1\n"
        },
        expects={
            "parallel.processes": 4,
            "training.bf16": True,
            "training.fp16": True,
            "training.fsdp": {
                "fsdp_version": 2,
                "fsdp_auto_wrap_policy": "TRANSFORMER_BASED_WRAP",
            },
            "unread": ("fsdp.yaml: odd",),
        },
    )
    yield Reading(
        command="accelerate launch --config_file ds.yaml other.py",
        files={
            "ds.yaml": "distributed_type: DEEPSPEED\ngpu_ids: 0,1\n"
            "deepspeed_config:\n  deepspeed_config_file: z.json\n",
            "z.json": '{"zero_optimization": {"stage": 2}}',
        },
        expects={
            "engine": "accelerate",
            "devices": (0, 1),
            "training.deepspeed": {"zero_optimization": {"stage": 2}},
        },
    )
    yield Reading(
        command="accelerate estimate-memory m",
        expects={"unread": ("accelerate estimate-memory (is not read)",)},
    )
