"""The flags of training scripts: TrainingArguments of transformers, and TRL's classes.

From transformers 5.23 and TRL 1.16, with those of transformers 4 and earlier TRL that newer ones
no longer have. `python train.py --bf16 True` and `--bf16` are the same.
"""

from typing import Final

from firstmile.check.flags import Flag, Takes, flags

TRAINING_ARGUMENTS: Final[tuple[Flag, ...]] = (
    *flags(
        Takes.TEXT,
        """
        --output_dir --lr_scheduler_type --optim --optim_args --torch_compile_backend
        --torch_compile_mode --logging_strategy --log_level
        --log_level_replica --run_name --project --trackio_space_id --trackio_bucket_id
        --trackio_static_space_id --eval_strategy|--evaluation_strategy --save_strategy
        --hub_token --hub_model_id --hub_strategy --hub_revision --metric_for_best_model
        --dataloader_multiprocessing_context --train_sampling_strategy --length_column_name
        --ddp_backend --fsdp_config --deepspeed_config --resume_from_checkpoint
        --logging_dir
        --half_precision_backend --fp16_opt_level --fp16_backend --ray_scope --torchdynamo
        --fsdp_transformer_layer_cls_to_wrap --lr_scheduler_kwargs --accelerator_config
        --gradient_checkpointing_kwargs --activation_checkpointing_kwargs
        --liger_kernel_config --parallelism_config
        """,
    ),
    *flags(
        Takes.INT,
        """
        --per_device_train_batch_size|--per_gpu_train_batch_size --max_steps
        --gradient_accumulation_steps --torch_empty_cache_steps
        --per_device_eval_batch_size|--per_gpu_eval_batch_size --eval_accumulation_steps
        --save_total_limit --seed --data_seed --dataloader_num_workers
        --dataloader_prefetch_factor --ddp_bucket_cap_mb --ddp_timeout
        --local_rank --tpu_num_cores --past_index --fsdp_min_num_params
        """,
    ),
    *flags(
        Takes.FLOAT,
        """
        --num_train_epochs --learning_rate --warmup_steps --warmup_ratio --weight_decay
        --adam_beta1 --adam_beta2 --adam_epsilon --max_grad_norm --label_smoothing_factor
        --neftune_noise_alpha --logging_steps --eval_steps --eval_delay --save_steps
        """,
    ),
    *flags(
        Takes.BOOL,
        """
        --average_tokens_across_devices --bf16 --fp16 --bf16_full_eval --fp16_full_eval --tf32
        --activation_checkpointing --gradient_checkpointing --torch_compile --use_liger_kernel
        --use_cache --auto_find_batch_size --logging_first_step --log_on_each_node
        --logging_nan_inf_filter --disable_tqdm --prediction_loss_only --eval_on_start
        --eval_do_concat_batches --eval_use_gather_object --batch_eval_metrics
        --save_only_model --save_on_each_node --enable_jit_checkpoint --push_to_hub
        --hub_private_repo --hub_always_push --load_best_model_at_end --greater_is_better
        --ignore_data_skip --restore_callback_states_from_checkpoint --full_determinism
        --use_cpu --no_cuda --use_mps_device --dataloader_drop_last --dataloader_pin_memory
        --dataloader_persistent_workers --dataloader_in_order --remove_unused_columns
        --ddp_find_unused_parameters --ddp_broadcast_buffers --ddp_static_graph
        --skip_memory_metrics --do_train --do_eval --do_predict --overwrite_output_dir
        --save_safetensors --group_by_length --adafactor --jit_mode_eval --use_ipex
        --include_inputs_for_metrics --include_tokens_per_second --dispatch_batches
        --include_num_input_tokens_seen --split_batches --tpu_metrics_debug
        --use_legacy_prediction_loop
        """,
    ),
    *flags(Takes.MAYBE, "--deepspeed"),
    *flags(
        Takes.LIST,
        "--debug --report_to --label_names --optim_target_modules --include_for_metrics --fsdp",
    ),
)

MODEL: Final[tuple[Flag, ...]] = (
    *flags(
        Takes.TEXT,
        """
        --model_name_or_path --model_name --model_path --model_id --model --base_model
        --pretrained_model_name_or_path --model_revision|--revision --config_name
        --tokenizer_name|--tokenizer_name_or_path --cache_dir --token
        --dtype|--torch_dtype --attn_implementation --device_map --peft_type
        --adapter_name_or_path --lora_task_type --bnb_4bit_quant_type
        --bnb_4bit_compute_dtype --bnb_4bit_quant_storage --model_type --lora_bias
        --model_init_kwargs --config_overrides
        """,
    ),
    *flags(
        Takes.INT,
        """
        --lora_r|--lora_rank|--peft_lora_r --bits --model_max_length
        """,
    ),
    *flags(Takes.FLOAT, "--lora_alpha|--peft_lora_alpha --lora_dropout"),
    *flags(
        Takes.BOOL,
        """
        --use_peft --use_lora --use_peft_lora --q_lora|--use_qlora --use_4bit_quantization
        --use_8bit_quantization --load_in_8bit --load_in_4bit --use_bnb_nested_quant
        --use_rslora --use_dora --trust_remote_code --use_fast_tokenizer|--use_fast
        --use_flash_attn --use_flash_attention_2 --low_cpu_mem_usage --use_auth_token
        --full_finetune --double_quant
        """,
    ),
    *flags(
        Takes.LIST,
        """
        --lora_target_modules --lora_modules_to_save|--modules_to_save --lora_target_parameters
        """,
    ),
)

DATA: Final[tuple[Flag, ...]] = (
    *flags(
        Takes.TEXT,
        """
        --dataset_name --dataset --dataset_path --dataset_config|--dataset_config_name
        --dataset_train_split --dataset_test_split --train_file --validation_file --test_file
        --data_path --train_data|--train_data_path --eval_data_path --data_file --data_dir
        --dataset_text_field --chat_template_path --prompt_template --chat_template
        --pad_to_multiple_of
        --response_template
        """,
    ),
    *flags(Takes.LIST, "--data_files"),
    *flags(
        Takes.INT,
        """
        --max_length --max_seq_length|--max_seq_len --max_prompt_length --max_completion_length
        --block_size --cutoff_len --dataset_num_proc --max_train_samples --max_eval_samples
        --preprocessing_num_workers
        """,
    ),
    *flags(
        Takes.BOOL,
        """
        --packing --eval_packing --padding_free --dataset_streaming|--streaming
        --completion_only_loss --assistant_only_loss --train_on_inputs --shuffle_dataset
        --overwrite_cache --keep_linebreaks --lazy_preprocess
        """,
    ),
)

TRL: Final[tuple[Flag, ...]] = (
    *flags(
        Takes.TEXT,
        """
        --truncation_mode --packing_strategy --eos_token --pad_token --loss_type
        --f_divergence_type --reward_model_path --reward_model_name_or_path --judge
        --vllm_mode --vllm_model_impl --vllm_structured_outputs_regex --vllm_server_base_url
        --vllm_server_host --importance_sampling_level --multi_objective_aggregation
        --scale_rewards --cache_implementation --vllm_importance_sampling_mode
        --log_completions_hub_repo --ref_model --teacher_model_name_or_path --dataset_kwargs
        --generation_kwargs --chat_template_kwargs --accelerate_config --sft_model_path
        --transformers_continuous_batching_config
        """,
    ),
    *flags(
        Takes.INT,
        """
        --precompute_ref_batch_size --ref_model_sync_steps --num_generations
        --num_generations_eval --generation_batch_size --steps_per_generation --top_k
        --vllm_server_port --vllm_group_port --vllm_max_model_length
        --vllm_tensor_parallel_size --num_iterations --max_tool_calling_iterations
        --num_completions_to_print --max_new_tokens --response_length --num_ppo_epochs
        --total_episodes
        """,
    ),
    *flags(
        Takes.FLOAT,
        """
        --router_aux_loss_coef --ld_alpha --f_alpha_divergence_coef --label_smoothing --beta
        --discopop_tau --ref_model_mixup_alpha --temperature --top_p --min_p
        --repetition_penalty --vllm_server_timeout --vllm_gpu_memory_utilization --epsilon
        --delta --epsilon_high --top_entropy_quantile --entropy_coef --desirable_weight
        --undesirable_weight --center_rewards_coefficient --kl_coef --cliprange
        --sapo_temperature_neg --sapo_temperature_pos --vespo_k_pos --vespo_lambda_pos
        --vespo_k_neg --vespo_lambda_neg --entropy_coef_min --entropy_coef_max
        --entropy_coef_delta --entropy_target --vllm_importance_sampling_clip_max
        --vllm_importance_sampling_clip_min --off_policy_mask_threshold
        --vllm_importance_sampling_cap
        """,
    ),
    *flags(
        Takes.BOOL,
        """
        --activation_offloading --disable_dropout --precompute_ref_log_probs --use_weighting
        --sync_ref_model --cast_lm_head_to_fp32 --ds3_gather_for_generation --use_vllm
        --vllm_enable_sleep_mode --mask_truncated_completions --log_completions
        --log_multimodal --log_unique_prompts --use_transformers_paged
        --use_transformers_continuous_batching --vllm_importance_sampling_correction
        --normalize_advantages --ignore_bias_buffers --generate_during_eval --use_liger_loss
        --use_liger --use_adaptive_entropy --use_bias_correction_kl
        """,
    ),
    *flags(Takes.LIST, "--reward_weights --reward_funcs --loss_weights --reward_clip_range"),
)

FLAGS: Final = (*TRAINING_ARGUMENTS, *MODEL, *DATA, *TRL)
_OF_FILES: Final = ("datasets", "test_split_size")
"""Settings of TRL's DatasetMixtureConfig that a file gives it."""
NAMES: Final = frozenset((*(name.lstrip("-") for each in FLAGS for name in each.names), *_OF_FILES))
SIGNS: Final = frozenset(
    (
        "output_dir",
        "per_device_train_batch_size",
        "learning_rate",
        "num_train_epochs",
        "do_train",
        "max_steps",
        "gradient_accumulation_steps",
        "lr_scheduler_type",
        "warmup_ratio",
        "save_strategy",
        "deepspeed_config",
    )
)
"""Names that only a training script takes."""
