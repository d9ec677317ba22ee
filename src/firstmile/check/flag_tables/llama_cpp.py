"""The flags of llama.cpp's programs, and the variables that stand for them.

From the generated help in tools/server/README.md and tools/cli/README.md; flags that older
builds had are among them.
"""

from typing import Final

from firstmile.check.flags import Flag, Grammar, Takes, flags

GRAMMAR: Final = Grammar(underscores=True)

FLAGS: Final[tuple[Flag, ...]] = (
    *flags(
        Takes.TEXT,
        """
        --cpu-mask|-C --cpu-range|-Cr --cpu-mask-batch|-Cb --cpu-range-batch|-Crb
        --rope-scaling --cache-type-k|-ctk --cache-type-v|-ctv --rpc --load-mode|-lm
        --lazy-mode|-lzm --numa --device|-dev --override-tensor|-ot --gpu-layers|-ngl|--n-gpu-layers
        --split-mode|-sm --tensor-split|-ts --fit-target|-fitt --override-kv --lora
        --lora-scaled --control-vector --control-vector-scaled --model|-m --model-url|-mu
        --docker-repo|-dr --hf-repo|-hf|-hfr --hf-file|-hff --hf-token|-hft --hf-repo-v|-hfv|-hfrv
        --hf-file-v|-hffv --model-vocoder|-mv --log-file
        --cache-type-k-draft|-ctkd|--spec-draft-type-k
        --cache-type-v-draft|-ctvd|--spec-draft-type-v --samplers --sampler-seq|--sampling-seq
        --dry-sequence-breaker --logit-bias|-l --grammar --grammar-file --json-schema|-j
        --json-schema-file|-jf --lookup-cache-static|-lcs --lookup-cache-dynamic|-lcd
        --reverse-prompt|-r --pooling --mmproj|-mm --mmproj-url|-mmu --mmproj-device|-mmdev
        --video-ffmpeg-dir --alias|-a --tags --host --path --cors-origins --cors-methods
        --cors-headers --api-prefix --ui-config|--webui-config --ui-config-file|--webui-config-file
        --tools --tools-runtime --mcp-servers-config --mcp-servers-json --api-key --api-key-file
        --ssl-key-file --ssl-cert-file --chat-template-kwargs --slot-save-path --media-path
        --models-dir --models-preset --reasoning-format --reasoning-effort
        --reasoning-budget-message --chat-template --chat-template-file --log-prompts-dir
        --hf-repo-draft|-hfd|-hfrd|--spec-draft-hf --cpu-mask-draft|-Cd|--spec-draft-cpu-mask
        --cpu-range-draft|-Crd|--spec-draft-cpu-range
        --cpu-mask-batch-draft|-Cbd|--spec-draft-cpu-mask-batch
        --override-tensor-draft|-otd|--spec-draft-override-tensor
        --device-draft|-devd|--spec-draft-device
        --gpu-layers-draft|-ngld|--n-gpu-layers-draft|--spec-draft-ngl
        --model-draft|-md|--spec-draft-model --spec-type --spec-synth-rates --spec-draft-sampling
        --prompt|-p --file|-f --binary-file|-bf --system-prompt|-sys --system-prompt-file|-sysf
        --in-prefix --in-suffix --prompt-cache --image --audio --log-format
        --image-marker --tts-speaker-file --spec-replace
        """,
    ),
    *flags(
        Takes.INT,
        """
        --threads|-t --threads-batch|-tb --cpu-strict --prio --poll --cpu-strict-batch
        --prio-batch --poll-batch --ctx-size|-c --predict|-n|--n-predict --batch-size|-b
        --ubatch-size|-ub --keep --chunks --yarn-orig-ctx --n-cpu-moe|-ncmoe --moe-cache-mib
        --n-cpu-ffn|-ncffn --main-gpu|-mg --fit-ctx|-fitc --verbosity|-lv|--log-verbosity
        --seed|-s --top-k --repeat-last-n --dry-allowed-length --dry-penalty-last-n --mirostat
        --kv-unified-per-slot --ctx-checkpoints|-ctxcp|--swa-checkpoints
        --checkpoint-min-step|-cms --cache-ram|-cram --parallel|-np --image-min-tokens
        --image-max-tokens --mtmd-batch-max-tokens --video-timestamp-interval --embd-normalize
        --port --timeout|-to --sse-ping-interval --threads-http --cache-reuse --models-max
        --reasoning-budget --sleep-idle-seconds --threads-draft|-td|--spec-draft-threads
        --threads-batch-draft|-tbd|--spec-draft-threads-batch
        --cpu-strict-draft|--spec-draft-cpu-strict --prio-draft|--spec-draft-prio
        --poll-draft|--spec-draft-poll --cpu-strict-batch-draft|--spec-draft-cpu-strict-batch
        --prio-batch-draft|--spec-draft-prio-batch --poll-batch-draft|--spec-draft-poll-batch
        --n-cpu-moe-draft|-ncmoed|--spec-draft-n-cpu-moe|--spec-draft-ncmoe
        --spec-draft-n-max --spec-draft-n-min --spec-ngram-mod-n-min --spec-ngram-mod-n-max
        --spec-ngram-mod-n-match --spec-ngram-simple-size-n --spec-ngram-simple-size-m
        --spec-ngram-simple-min-hits --spec-ngram-map-k-size-n --spec-ngram-map-k-size-m
        --spec-ngram-map-k-min-hits --spec-ngram-map-k4v-size-n --spec-ngram-map-k4v-size-m
        --spec-ngram-map-k4v-min-hits --draft|--draft-n|--draft-max --draft-min|--draft-n-min
        --spec-ngram-size-n --spec-ngram-size-m --spec-ngram-min-hits --ctx-size-draft|-cd
        --grp-attn-n|-gan --grp-attn-w|-gaw
        """,
    ),
    *flags(
        Takes.FLOAT,
        """
        --rope-scale --rope-freq-base --rope-freq-scale --yarn-ext-factor --yarn-attn-factor
        --yarn-beta-slow --yarn-beta-fast --defrag-thold|-dt --temp|--temperature --top-p --min-p
        --top-nsigma|--top-n-sigma --xtc-probability --xtc-threshold --typical|--typical-p
        --repeat-penalty --presence-penalty --frequency-penalty --dry-multiplier --dry-base
        --adaptive-target --adaptive-decay --dynatemp-range --dynatemp-exp --mirostat-lr
        --mirostat-ent --video-fps --slot-prompt-similarity|-sps --spec-synth-len
        --draft-p-split|--spec-draft-p-split --draft-p-min|--spec-draft-p-min --tfs
        """,
    ),
    *flags(
        Takes.SWITCH,
        """
        --help|-h|--usage --version --cache-list|-cl --completion-bash --swa-full --perf
        --escape|-e --kv-offload|-kvo|!-nkvo --repack|!-nr --no-host --mmap --mlock
        --direct-io|-dio|!-ndio --list-devices --cpu-moe|-cmoe --check-tensors --op-offload
        --log-disable --log-jsonl --verbose|-v|--log-verbose --offline --log-prefix
        --log-timestamps --ignore-eos --backend-sampling|-bs --kv-unified|-kvu|!-no-kvu
        --cache-idle-slots --context-shift --special|-sp --warmup --spm-infill
        --cont-batching|-cb|!-nocb --mmproj-auto|!--no-mmproj --mmproj-offload --reuse-port
        --cors-credentials --ui-mcp-proxy|--webui-mcp-proxy --agent|-ag|!-no-ag --ui|--webui
        --embedding|--embeddings --rerank|--reranking --cache-prompt --metrics --props --slots
        --models-autoload --jinja --reasoning-preserve --skip-chat-parsing --prefill-assistant
        --lora-init-without-apply --cpu-moe-draft|-cmoed|--spec-draft-cpu-moe
        --spec-draft-backend-sampling --embd-gemma-default --fim-qwen-1.5b-default
        --fim-qwen-3b-default --fim-qwen-7b-default --fim-qwen-7b-spec --fim-qwen-14b-spec
        --fim-qwen-30b-default --gpt-oss-20b-default --gpt-oss-120b-default
        --vision-gemma-4b-default --vision-gemma-12b-default --spec-default --display-prompt
        --color --conversation|-cnv|!-no-cnv --single-turn|-st --interactive|-i
        --interactive-first|-if --multiline-input|-mli --in-prefix-bos --prompt-cache-all
        --prompt-cache-ro --simple-io --show-timings --penalize-nl --dump-kv-cache|-dkvc
        --log-enable --log-new --log-append --log-test --memory-f32 --slots-endpoint-disable
        """,
    ),
    *flags(Takes.STATE, "--flash-attn|-fa --fit|-fit --log-colors --reasoning|-rea"),
    *flags(Takes.LIST, "--control-vector-layer-range"),
)

_PAIRS: Final = """
    LLAMA_ARG_THREADS=threads LLAMA_ARG_CTX_SIZE=ctx_size LLAMA_ARG_N_PREDICT=predict
    LLAMA_ARG_BATCH=batch_size LLAMA_ARG_UBATCH=ubatch_size LLAMA_ARG_SWA_FULL=swa_full
    LLAMA_ARG_FLASH_ATTN=flash_attn LLAMA_ARG_PERF=perf
    LLAMA_ARG_ROPE_SCALING_TYPE=rope_scaling LLAMA_ARG_ROPE_SCALE=rope_scale
    LLAMA_ARG_ROPE_FREQ_BASE=rope_freq_base LLAMA_ARG_ROPE_FREQ_SCALE=rope_freq_scale
    LLAMA_ARG_YARN_ORIG_CTX=yarn_orig_ctx LLAMA_ARG_YARN_EXT_FACTOR=yarn_ext_factor
    LLAMA_ARG_YARN_ATTN_FACTOR=yarn_attn_factor LLAMA_ARG_YARN_BETA_SLOW=yarn_beta_slow
    LLAMA_ARG_YARN_BETA_FAST=yarn_beta_fast LLAMA_ARG_KV_OFFLOAD=kv_offload
    LLAMA_ARG_REPACK=repack LLAMA_ARG_NO_HOST=no_host LLAMA_ARG_CACHE_TYPE_K=cache_type_k
    LLAMA_ARG_CACHE_TYPE_V=cache_type_v LLAMA_ARG_DEFRAG_THOLD=defrag_thold LLAMA_ARG_RPC=rpc
    LLAMA_ARG_LOAD_MODE=load_mode LLAMA_ARG_LAZY_MODE=lazy_mode LLAMA_ARG_NUMA=numa
    LLAMA_ARG_DEVICE=device LLAMA_ARG_OVERRIDE_TENSOR=override_tensor
    LLAMA_ARG_CPU_MOE=cpu_moe LLAMA_ARG_N_CPU_MOE=n_cpu_moe
    LLAMA_ARG_MOE_CACHE_MIB=moe_cache_mib LLAMA_ARG_N_CPU_FFN=n_cpu_ffn
    LLAMA_ARG_N_GPU_LAYERS=gpu_layers LLAMA_ARG_SPLIT_MODE=split_mode
    LLAMA_ARG_TENSOR_SPLIT=tensor_split LLAMA_ARG_MAIN_GPU=main_gpu LLAMA_ARG_FIT=fit
    LLAMA_ARG_FIT_TARGET=fit_target LLAMA_ARG_FIT_CTX=fit_ctx LLAMA_ARG_MODEL=model
    LLAMA_ARG_MODEL_URL=model_url LLAMA_ARG_DOCKER_REPO=docker_repo LLAMA_ARG_HF_REPO=hf_repo
    LLAMA_ARG_HF_FILE=hf_file LLAMA_ARG_OFFLINE=offline LLAMA_ARG_TEMPERATURE=temp
    LLAMA_ARG_TOP_K=top_k LLAMA_ARG_TOP_P=top_p LLAMA_ARG_MIN_P=min_p
    LLAMA_ARG_REPEAT_PENALTY=repeat_penalty LLAMA_ARG_KV_UNIFIED=kv_unified
    LLAMA_ARG_CONTEXT_SHIFT=context_shift LLAMA_ARG_POOLING=pooling
    LLAMA_ARG_N_PARALLEL=parallel LLAMA_ARG_CONT_BATCHING=cont_batching
    LLAMA_ARG_MMPROJ=mmproj LLAMA_ARG_ALIAS=alias LLAMA_ARG_HOST=host LLAMA_ARG_PORT=port
    LLAMA_ARG_EMBEDDINGS=embedding LLAMA_ARG_RERANKING=rerank
    LLAMA_ARG_CHAT_TEMPLATE_KWARGS=chat_template_kwargs LLAMA_ARG_TIMEOUT=timeout
    LLAMA_ARG_CACHE_PROMPT=cache_prompt LLAMA_ARG_CACHE_REUSE=cache_reuse
    LLAMA_ARG_CACHE_RAM=cache_ram LLAMA_ARG_MODELS_DIR=models_dir LLAMA_ARG_JINJA=jinja
    LLAMA_ARG_THINK=reasoning_format LLAMA_ARG_REASONING=reasoning
    LLAMA_ARG_THINK_BUDGET=reasoning_budget LLAMA_ARG_CHAT_TEMPLATE=chat_template
    LLAMA_ARG_CHAT_TEMPLATE_FILE=chat_template_file LLAMA_ARG_MLOCK=mlock LLAMA_ARG_MMAP=mmap
    LLAMA_ARG_SPEC_DRAFT_MODEL=model_draft LLAMA_ARG_N_GPU_LAYERS_DRAFT=gpu_layers_draft
    LLAMA_ARG_ENDPOINT_METRICS=metrics LLAMA_ARG_ENDPOINT_SLOTS=slots
"""
VARIABLES: Final[dict[str, str]] = {
    variable: name for variable, _, name in (pair.partition("=") for pair in _PAIRS.split())
}
"""The name that a variable's value is kept under, as its flag's is."""
