"""The settings of LLaMA-Factory beside those of transformers' TrainingArguments."""

from typing import Final

from firstmile.check.flag_tables.training import TRAINING_ARGUMENTS
from firstmile.check.flags import Flag, Takes, flags

OWN: Final[tuple[Flag, ...]] = (
    *flags(
        Takes.TEXT,
        """
        --model_name_or_path --adapter_name_or_path --adapter_folder --cache_dir --add_tokens
        --add_special_tokens --new_special_tokens_config --init_special_tokens --model_revision
        --rope_scaling --flash_attn --mixture_of_depths --infer_backend --offload_folder
        --infer_dtype --hf_hub_token --ms_hub_token --om_hub_token --quantization_method
        --quantization_type --quantization_device_map --export_dir --export_device
        --export_quantization_dataset --export_hub_model_id --vllm_config --sglang_config
        --sglang_lora_backend --kt_weight_path --kt_non_expert_weight_path
        --kt_expert_checkpoint_path --kt_cpu_activation --template --dataset --eval_dataset
        --dataset_dir --media_dir --mix_strategy --interleave_probs --tool_format
        --default_system --tokenized_path --freeze_trainable_modules --freeze_extra_modules
        --additional_target --lora_target --oft_target --pref_loss --ref_model
        --ref_model_adapters --reward_model --reward_model_adapters --reward_model_type
        --galore_target --galore_proj_type --apollo_target --apollo_proj --apollo_proj_type
        --apollo_scale_type --badam_mode --badam_switch_mode --badam_mask_mode
        --swanlab_project --swanlab_workspace --swanlab_run_name --swanlab_mode
        --swanlab_api_key --swanlab_logdir --swanlab_lark_webhook_url --swanlab_lark_secret
        --stage --finetuning_type --megatron_bridge_args --hyper_parallel_args --master_addr
        --master_port --profiler_output_dir --profile_modules --fp8_backend --ray_init_kwargs
        --ray_run_name --ray_storage_path --ray_storage_filesystem --placement_strategy
        """,
    ),
    *flags(
        Takes.INT,
        """
        --quantization_bit --image_max_pixels --image_min_pixels --video_max_pixels
        --video_min_pixels --video_maxlen --audio_sampling_rate --export_size
        --export_quantization_bit --export_quantization_nsamples --export_quantization_maxlen
        --vllm_maxlen --vllm_max_lora_rank --sglang_maxlen --sglang_tp_size
        --kt_lora_expert_num --kt_lora_expert_intermediate_size --model_max_length --cutoff_len
        --buffer_size --preprocessing_batch_size --preprocessing_num_workers --max_samples
        --eval_num_beams --freeze_trainable_layers --lora_alpha --lora_rank --pissa_iter
        --oft_rank --oft_block_size --ppo_buffer_size --ppo_epochs
        --ref_model_quantization_bit --reward_model_quantization_bit --galore_rank
        --galore_update_interval --apollo_rank --apollo_update_interval --badam_start_block
        --badam_switch_interval --badam_verbose --hyper_parallel_cp_size
        --early_stopping_steps --top_k --num_beams --max_length --max_new_tokens
        --ray_num_workers --profiler_wait_steps --profiler_warmup_steps
        --profiler_active_steps --profiler_repeat --resources_per_worker
        """,
    ),
    *flags(
        Takes.FLOAT,
        """
        --moe_aux_loss_coef --video_fps --vllm_gpu_util --sglang_mem_fraction --val_size
        --lora_dropout --loraplus_lr_ratio --loraplus_lr_embedding --module_dropout --pref_beta
        --pref_ftx --pref_bco_weight --dpo_label_smoothing --kto_chosen_weight
        --kto_rejected_weight --simpo_gamma --ppo_target --ld_alpha --galore_scale
        --apollo_scale --badam_update_ratio --asft_alpha --eaft_alpha --temperature --top_p
        --repetition_penalty --length_penalty
        """,
    ),
    *flags(
        Takes.BOOL,
        """
        --use_fast_tokenizer --resize_vocab --split_special_tokens --low_cpu_mem_usage
        --shift_attn --use_unsloth --use_unsloth_gc --enable_liger_kernel
        --disable_gradient_checkpointing --use_reentrant_gc --upcast_layernorm
        --upcast_lmhead_output --train_from_scratch --use_kv_cache --use_v1_kernels
        --print_param_status --trust_remote_code --double_quantization
        --image_do_pan_and_scan --crop_to_patches --use_audio_in_video --export_legacy_format
        --vllm_enforce_eager --use_kt --kt_use_lora_experts --block_diag_attn
        --train_on_prompt --mask_history --streaming --overwrite_cache
        --ignore_pad_token_for_loss --eval_on_each_dataset --packing --neat_packing
        --enable_thinking --preserve_thinking --data_shared_file_system --use_rslora
        --use_dora --pissa_init --pissa_convert --create_new_adapter --ppo_score_norm
        --ppo_whiten_rewards --use_galore --galore_layerwise --use_apollo --apollo_layerwise
        --apollo_scale_front --use_badam --use_swanlab --pure_bf16 --use_llama_pro
        --use_adam_mini --use_mca --use_megatron_bridge --use_hyper_parallel --use_muon
        --use_dft_loss --use_asft_loss --use_eaft_loss --freeze_vision_tower
        --freeze_multi_modal_projector --freeze_language_model --compute_accuracy
        --disable_shuffling --plot_loss --include_effective_tokens_per_second
        --enable_torch_profiler --profiler_record_shapes --profiler_profile_memory
        --profiler_with_stack --fp8 --fp8_enable_fsdp_float8_all_gather --do_sample
        --skip_special_tokens --predict_with_generate
        """,
    ),
)
OLDER: Final = flags(
    Takes.MAYBE,
    """
    --badam_switch_block_every --cache_path --checkpoint_dir --chunk_size --compute_dtype
    --cpu_infer --dev_ratio --disable_version_checking --dpo_beta --dpo_ftx --dpo_loss
    --dpo_ref_model --dpo_ref_model_checkpoint --hf_auth_token --image_dir --image_resolution
    --kt_force_think --kt_maxlen --kt_mode --kt_optimize_rule --kt_use_cuda_graph --lora_bf16_mode
    --max_source_length --max_target_length --mode --name_module_trainable --neft_alpha
    --new_special_tokens --num_hidden_layers --num_layer_trainable --orpo_beta --padding_side
    --ppo_logger --prompt_template --ref_model_checkpoint --reserved_label_len
    --resume_lora_training --reward_model_checkpoint --sft_packing --source_prefix --split
    --system_prompt --train_mm_proj_only --use_auth_token --video_resolution --visual_inputs
    --vllm_dtype
    """,
)
"""Those that a release from 0.1 to 0.9.5 had, and later ones have no more (its tags)."""
FLAGS: Final = (*TRAINING_ARGUMENTS, *OWN, *OLDER)
NAMES: Final = frozenset(name.lstrip("-") for each in FLAGS for name in each.names)
