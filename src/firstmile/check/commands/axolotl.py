"""axolotl: `axolotl train x.yaml`, and `accelerate launch -m axolotl.cli.train x.yaml`.

Options of the command line (`--learning-rate 1e-4`) go over the file's. The other commands that
take the same file are read for it.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from firstmile.check.command import Command, Reading
from firstmile.check.flags import Grammar, Takes, flags, plain, shown, take_apart
from firstmile.check.intent import Action, Intent, Lora, Parallel
from firstmile.check.settings import Settings
from firstmile.check.training_settings import datasets_of, training_intent
from firstmile.check.written_files import fields_of, yaml_of
from firstmile.facts.data_file import ENDINGS
from firstmile.facts.machine import UnreadableError

_ACTIONS: Final = {
    "train": Action.FINE_TUNE,
    "preprocess": Action.FINE_TUNE,
    "evaluate": Action.GENERATE,
    "inference": Action.GENERATE,
    "merge-lora": Action.CONVERT,
    "merge_lora": Action.CONVERT,
}
_NAMES: Final = {
    "base_model": "model_name_or_path",
    "revision_of_model": "model_revision",
    "tokenizer_config": "tokenizer_name",
    "micro_batch_size": "per_device_train_batch_size",
    "num_epochs": "num_train_epochs",
    "optimizer": "optim",
    "lr_scheduler": "lr_scheduler_type",
    "sequence_len": "max_length",
    "sample_packing": "packing",
    "lora_model_dir": "adapter_name_or_path",
    "tokenizer_use_fast": "use_fast_tokenizer",
    "evaluation_strategy": "eval_strategy",
}
"""axolotl's names by those of transformers and PEFT."""
_OWN: Final = (
    "config cloud launcher sweep base_model base_model_config model_type tokenizer_type"
    " tokenizer_config tokenizer_use_fast tokenizer_legacy processor_type trust_remote_code"
    " load_in_8bit load_in_4bit adapter lora_model_dir lora_r lora_alpha lora_dropout"
    " lora_target_modules lora_target_linear lora_target_parameters lora_modules_to_save"
    " lora_fan_in_fan_out lora_on_cpu peft_use_dora peft_use_rslora peft loftq_config"
    " datasets test_datasets pretraining_dataset dataset_prepared_path val_set_size"
    " shuffle_merged_datasets dataset_processes dataset_num_proc skip_prepare_dataset"
    " push_dataset_to_hub hf_use_auth_token output_dir hub_model_id hub_strategy hub_revision"
    " save_safetensors sequence_len eval_sequence_len min_sample_len sample_packing"
    " sample_packing_group_size sample_packing_bin_size sample_packing_sequentially"
    " eval_sample_packing pad_to_sequence_len pad_to_multiple_of batch_flattening"
    " excess_length_strategy curriculum_sampling gradient_accumulation_steps micro_batch_size"
    " batch_size eval_batch_size auto_find_batch_size train_on_inputs group_by_length"
    " learning_rate embedding_lr embedding_lr_scale weight_decay optimizer optim_args"
    " optim_target_modules lr_scheduler lr_scheduler_kwargs cosine_min_lr_ratio"
    " cosine_constant_lr_ratio lr_groups adam_epsilon adam_beta1 adam_beta2 max_grad_norm"
    " num_epochs max_steps warmup_steps warmup_ratio eval_steps evals_per_epoch eval_strategy"
    " save_steps saves_per_epoch save_strategy save_total_limit save_only_model"
    " save_first_step logging_steps early_stopping_patience load_best_model_at_end"
    " metric_for_best_model greater_is_better resume_from_checkpoint"
    " auto_resume_from_checkpoints bf16 fp16 fp8 bfloat16 float16 tf32 float32"
    " gradient_checkpointing gradient_checkpointing_kwargs activation_offloading"
    " attn_implementation flash_attention sdp_attention xformers_attention eager_attention"
    " flex_attention sage_attention s2_attention deepspeed fsdp fsdp_config fsdp_version"
    " fsdp_final_state_dict_type dp_shard_size dp_replicate_size sequence_parallel_degree"
    " context_parallel_size tensor_parallel_size special_tokens tokens"
    " added_tokens_overrides chat_template chat_template_jinja chat_template_kwargs"
    " eot_tokens default_system_message rl trl vllm reward_model rl_beta dpo_beta orpo_alpha"
    " remove_unused_columns dataloader_num_workers dataloader_pin_memory"
    " dataloader_prefetch_factor dataloader_drop_last seed ddp_timeout device_map max_memory"
    " gpu_memory_limit low_cpu_mem_usage torch_compile torch_compile_backend plugins strict"
    " wandb_project wandb_entity wandb_watch wandb_name wandb_log_model wandb_run_id"
    " wandb_mode mlflow_experiment_name mlflow_tracking_uri comet_project_name use_tensorboard"
    " unfrozen_parameters resize_token_embeddings_to_32x neftune_noise_alpha rope_scaling"
    " overrides_of_model_config overrides_of_model_kwargs type_of_model revision_of_model"
    " relora streaming gc_steps debug local_rank world_size evaluation_strategy"
    " lora_mlp_kernel lora_qkv_kernel lora_o_kernel lora_embedding_kernel"
    " chunked_cross_entropy tiled_mlp quantization qat use_ray ray_num_workers"
    " process_reward_model center_rewards_coefficient num_labels is_llama_derived_model"
    " is_mistral_derived_model is_falcon_derived_model is_qwen_derived_model bnb_config_kwargs"
    " gptq liger_rope liger_rms_norm liger_glu_activation liger_layer_norm"
    " liger_fused_linear_cross_entropy cut_cross_entropy shards dataset_exact_deduplication"
    " ddp_bucket_cap_mb ddp_find_unused_parameters ddp_broadcast_buffers ddp loss_watchdog_patience"
    " loss_watchdog_threshold fix_untrained_tokens profiler_steps use_pose simpo_gamma cpo_alpha"
    " kto_desirable_weight kto_undesirable_weight accelerator_config logging_dir experimental"
    " model_quantization_config axolotl_config_path dpo_loss_type precompute_ref_log_probs"
)
NAMES: Final = frozenset(_OWN.split())
_FLAGS: Final = flags(Takes.TEXT, " ".join(f"--{name}" for name in sorted(NAMES)))
_ATTENTION: Final = {
    "flash_attention": "flash_attention_2",
    "sdp_attention": "sdpa",
    "eager_attention": "eager",
    "flex_attention": "flex_attention",
    "xformers_attention": "xformers",
}


def reads(command: Command) -> bool:
    """Tell axolotl's program and its modules."""
    return command.program == "axolotl" or (command.module or "").startswith("axolotl.cli")


def read(command: Command) -> Intent:
    """Read the file and the options over it."""
    words = command.arguments.words
    if command.program == "axolotl":
        name, words = (words[0] if words else ""), words[1:]
    else:
        name = (command.module or "").rpartition(".")[2]
    if name not in _ACTIONS:
        return Intent(engine="axolotl", unread=(shown(f"axolotl {name} (it is not read)"),))
    said = take_apart(words, _FLAGS, Grammar())
    unread = [*said.unread, *map(shown, said.positional[1:])]
    values: dict[str, Any] = {}
    if said.positional:
        path = said.positional[0]
        try:
            values = fields_of(path, command.read_text)
        except UnreadableError as error:
            unread.append(shown(f"{path} ({error})"))
    file = Settings(values)
    file.name_unknown(NAMES)
    for key, text in said.values.items():
        try:
            values[plain(key)] = yaml_of(text) if isinstance(text, str) else text
        except UnreadableError:
            values[plain(key)] = text
    get = Settings({_NAMES.get(key, key): value for key, value in values.items()})
    intent = _intent(command, get, _ACTIONS[name])
    return replace(intent, arguments=said.arguments, unread=(*unread, *file.unread, *get.unread))


def _intent(command: Command, get: Settings, action: Action) -> Intent:
    found = training_intent(command, get, engine="axolotl")
    adapter = get.text("adapter")
    training = found.training
    if training is not None:
        lora = training.lora
        if get.truth("lora_target_linear") and (lora is None or not lora.target_modules):
            lora = replace(lora or Lora(), target_modules=("all-linear",))
        half = get.truth("bfloat16"), get.truth("float16")
        training = replace(
            training,
            method=adapter or "full",
            global_batch_size=get.whole("batch_size"),
            bf16=training.bf16 if training.bf16 is not None else half[0],
            fp16=training.fp16 if training.fp16 is not None else half[1],
            lora=lora,
            datasets=datasets_of(command, _files(get)),
        )
    attention = next((value for key, value in _ATTENTION.items() if get.truth(key)), None)
    return replace(
        found,
        action=action,
        attention=found.attention or attention,
        quantization=found.quantization or ("gptq" if get.truth("gptq") else None),
        parallel=Parallel(
            tensor=get.whole("tensor_parallel_size"),
            context=get.whole("context_parallel_size", "sequence_parallel_degree"),
        ),
        training=training if action is Action.FINE_TUNE else None,
    )


def _files(get: Settings) -> tuple[str, ...]:
    found: list[str] = []
    for name in ("datasets", "test_datasets", "pretraining_dataset"):
        listed = get.values.get(name)
        for each in listed if isinstance(listed, list) else ():
            if not isinstance(each, dict):
                continue
            files = each.get("data_files") or each.get("path")
            for path in files if isinstance(files, list) else (files,):
                if isinstance(path, str) and path.lower().endswith((*ENDINGS, ".parquet")):
                    found.append(path)
    return tuple(dict.fromkeys(found))


def examples() -> Iterator[Reading]:
    """Yield commands with what must be read from them."""
    yield Reading(
        command="axolotl train x.yaml --learning-rate 1e-4 --zzz 1",
        files={
            "x.yaml": "base_model: m\nload_in_4bit: true\nadapter: qlora\nlora_r: 32\n"
            "lora_target_linear: true\nsequence_len: 4096\nsample_packing: true\n"
            "micro_batch_size: 2\nnum_epochs: 1\noptimizer: adamw_bnb_8bit\nbf16: auto\n"
            "learning_rate: 0.0002\nflash_attention: true\nsequence_length: 3\n"
            "train_on_inputs: false\nwarmup_steps: 10\n"
        },
        expects={
            "action": Action.FINE_TUNE,
            "engine": "axolotl",
            "model": "m",
            "load_in_bits": 4,
            "attention": "flash_attention_2",
            "training.method": "qlora",
            "training.lora.target_modules": ("all-linear",),
            "training.max_length": 4096,
            "training.packing": True,
            "training.per_device_batch_size": 2,
            "training.optimizer": "adamw_bnb_8bit",
            "training.learning_rate": 1e-4,
            "training.bf16": None,
            "training.completion_only": True,
            "training.warmup_steps": 10,
            "unread": ("--zzz 1", "sequence_length (did you mean sequence_len?)"),
        },
    )
    yield Reading(
        command="python -m axolotl.cli.train x.yaml",
        files={"x.yaml": "base_model: m\nmicro_batch_size: 4\n"},
        expects={"training.method": "full", "training.per_device_batch_size": 4},
    )
    yield Reading(
        command="axolotl fetch examples",
        expects={"unread": ("axolotl fetch (it is not read)",)},
    )
