"""The flags of `vllm serve`: those of version 0.33, and those that older versions had."""

from typing import Final

from firstmile.check.flags import Flag, Grammar, Takes, flags

GRAMMAR: Final = Grammar(abbreviations=True, dotted=True, pairs=True)

FLAGS: Final[tuple[Flag, ...]] = (
    *flags(
        Takes.TEXT,
        """
        --model --runner --convert --tokenizer --tokenizer-mode --dtype --hf-config-path
        --allowed-local-media-path --revision --code-revision --tokenizer-revision
        --quantization|-q --logprobs-mode --config-format --generation-config
        --sleep-mode-backend --model-impl --io-processor-plugin --load-format --download-dir
        --safetensors-load-strategy --pt-load-map-location --attention-backend --mamba-backend
        --mamba-ssu-algorithm --reasoning-parser --reasoning-parser-plugin
        --distributed-executor-backend --master-addr --device-ids --dcp-comm-backend
        --data-parallel-address|-dpa --data-parallel-backend|-dpb --all2all-backend
        --expert-placement-strategy --worker-cls --worker-extension-cls --kv-cache-dtype
        --prefix-caching-hash-algo --mamba-cache-dtype --mamba-ssm-cache-dtype
        --mamba-cache-mode --kv-offloading-backend --offload-backend --mm-processor-cache-type
        --mm-hasher-algorithm --mm-encoder-tp-mode --mm-encoder-attn-backend
        --mm-encoder-attn-dtype --mm-encoder-fp8-scale-path --mm-encoder-fp8-scale-save-path
        --video-pruning-method --mm-tensor-ipc --mm-processor-device --lora-dtype --log-level
        --log-config-file --show-hidden-metrics-for-version --otlp-traces-endpoint
        --per-request-spec-decode-metrics --jit-monitor-mode --scheduling-policy --scheduler-cls
        --moe-backend --linear-backend --sparse-indexer-topk-backend --spec-method --spec-model
        --performance-mode --gdn-prefill-backend --kda-prefill-backend --kda-decode-backend
        --chat-template --chat-template-content-format --response-role --tool-call-parser
        --tool-parser-plugin --tool-strict-level --tool-server --cohere-format
        --anthropic-disabled-thinking-effort --fingerprint-mode --fingerprint-value --host --uds
        --uvicorn-log-level --disable-access-log-for-endpoints --ssl-keyfile --ssl-certfile
        --ssl-ca-certs --ssl-ciphers --root-path --config
        """,
    ),
    *flags(
        Takes.INT,
        """
        --seed --max-logprobs --renderer-num-workers --safetensors-prefetch-num-threads
        --safetensors-prefetch-block-size --mamba-cache-philox-rounds
        --pipeline-parallel-size|-pp --master-port --nnodes|-n --node-rank|-r
        --distributed-timeout-seconds --cpu-distributed-timeout-seconds
        --tensor-parallel-size|-tp --decode-context-parallel-size|-dcp
        --dcp-kv-cache-interleave-size --cp-kv-cache-interleave-size
        --prefill-context-parallel-size|-pcp --data-parallel-size|-dp --data-parallel-rank|-dpn
        --data-parallel-start-rank|-dpr --data-parallel-size-local|-dpl
        --data-parallel-rpc-port|-dpp --ubatch-size --elastic-ep-max-dp-size
        --dbo-decode-token-threshold --dp-sync-interval --dbo-prefill-token-threshold
        --max-parallel-loading-workers --block-size --num-gpu-blocks-override
        --prefix-cache-retention-interval --mamba-block-size --prefix-match-unit
        --replayssm-buffer-len --offload-group-size --offload-num-in-group
        --offload-prefetch-step --mm-shm-cache-max-object-size-mb --max-loras --max-lora-rank
        --max-cpu-loras --max-lora-cls-labels --max-num-seqs --max-num-active-seqs
        --max-num-queued-reqs --max-num-queued-tokens --long-prefill-token-threshold
        --prefill-schedule-interval --stream-interval --max-cudagraph-capture-size --spec-tokens
        --shutdown-timeout --max-log-len --sse-keep-alive-interval --port --grpc-port
        --data-parallel-supervisor-port --dp-supervisor-probe-failure-threshold --ssl-cert-reqs
        --h11-max-incomplete-event-size --h11-max-header-count --api-server-count|-asc
        """,
    ),
    *flags(
        Takes.COUNT,
        """
        --max-model-len --max-num-batched-tokens --max-num-scheduled-tokens
        --kv-cache-memory-bytes
        """,
    ),
    *flags(
        Takes.FLOAT,
        """
        --gpu-memory-utilization|--device-memory-utilization --kv-offloading-size
        --cpu-offload-gb --mm-processor-cache-gb --mm-encoder-fp8-scale-save-margin
        --video-pruning-rate --mm-ipc-gpu-memory-gb --kv-cache-metrics-sample --watermark
        --dp-supervisor-probe-interval-s --dp-supervisor-probe-timeout-s
        """,
    ),
    *flags(
        Takes.SWITCH,
        """
        --trust-remote-code --allow-deprecated-quantization --enforce-eager
        --enable-return-routed-experts --return-sampling-mask --use-fp64-gumbel
        --enable-trace-replay --disable-sliding-window --disable-cascade-attn
        --skip-tokenizer-init --enable-prompt-embeds --enable-sleep-mode
        --sleep-mode-offload-cudagraph --enable-cumem-allocator --enable-nccl-comm-suspend
        --use-tqdm-on-load --enable-mamba-cache-stochastic-rounding --numa-bind
        --dcp-q-replicate --data-parallel-hybrid-lb|-dph --data-parallel-external-lb|-dpe
        --data-parallel-multi-port-external-lb|-dpm --enable-hc-sp --enable-expert-parallel|-ep
        --enable-batch-sharded-sampling --enable-ep-weight-filter --enable-dbo
        --enable-shm-tensor-arena --enable-elastic-ep --disable-nccl-for-dp-synchronization
        --enable-eplb --ray-workers-use-nsight --disable-custom-all-reduce
        --enable-fault-tolerance --enable-prefix-caching --kv-sharing-fast-prefill
        --swa-bounded-replay --enable-mamba-shared-prefix-checkpoint --use-replayssm
        --language-model-only --enable-mm-embeds --mm-encoder-only --interleave-mm-strings
        --skip-mm-profiling --mm-device-do-normalize --enable-lora
        --enable-tower-connector-lora --fully-sharded-loras --specialize-active-lora
        --enable-mixed-moe-lora-format --enable-moe-shared-loras --kv-cache-metrics
        --cudagraph-metrics --enable-layerwise-nvtx-tracing --enable-mfu-metrics
        --enable-logging-iteration-details --jit-monitor-verbose
        --long-prefill-token-threshold-adaptive --enable-chunked-prefill
        --disable-chunked-mm-input --scheduler-reserve-full-isl
        --disable-hybrid-kv-cache-manager --async-scheduling --enable-flashinfer-autotune
        --monokernel --disable-log-stats --aggregate-engine-logging
        --fail-on-environ-validation --enable-log-requests --trust-request-chat-template
        --trust-request-mm-kwargs --return-tokens-as-token-ids --enable-auto-tool-choice
        --exclude-tools-when-tool-choice-none --enable-prompt-tokens-details
        --enable-per-request-metrics --enable-server-load-tracking --enable-force-include-usage
        --enable-tokenizer-info-endpoint --enable-log-outputs --enable-log-deltas
        --cohere-is-reasoning-model --log-error-stack --tokens-only --enable-scale-out
        --disable-uvicorn-access-log --allow-credentials --enable-ssl-refresh
        --enable-request-id-headers --disable-fastapi-docs --enable-offline-docs
        --enable-flash-late-interaction --headless --grpc
        """,
    ),
    *flags(
        Takes.JSON,
        """
        --quantization-config --hf-overrides --model-class-overrides --pooler-config
        --override-generation-config --model-loader-extra-config --structured-outputs-config
        --eplb-config --fault-tolerance-config --limit-mm-per-prompt --media-io-kwargs
        --mm-processor-kwargs --default-mm-loras --logging-config --custom-histogram-buckets
        --ir-op-priority --speculative-config|-sc --watermark-config --diffusion-config|-dc
        --kv-transfer-config --kv-events-config --ec-transfer-config --ec-manager-config
        --compilation-config|-cc|-O --attention-config|-ac --engram-config --reasoning-config
        --kernel-config --additional-config --aux-output-config --profiler-config
        --watchdog-config --weight-transfer-config --default-chat-template-kwargs
        --reasoning-effort-map --allowed-origins --allowed-methods --allowed-headers
        """,
    ),
    *flags(
        Takes.LIST,
        """
        --allowed-media-domains --served-model-name --sleep-preserve-parameter-names
        --logits-processors --ignore-patterns --numa-bind-nodes --numa-bind-cpus
        --kv-cache-dtype-skip-layers --cpu-offload-params --offload-params
        --lora-target-modules --collect-detailed-traces --cudagraph-capture-sizes --lora-modules
        --api-key
        """,
    ),
    *flags(Takes.MAYBE, "--hf-token --optimization-level"),
    *flags(Takes.REPEATED, "--middleware"),
)

OLDER: Final[tuple[Flag, ...]] = (
    *flags(
        Takes.TEXT,
        """
        --task --device --guided-decoding-backend --qlora-adapter-name-or-path
        --preemption-mode --tokenizer-pool-type --speculative-model
        --speculative-model-quantization --spec-decoding-acceptance-method
        --logits-processor-pattern --quantization-param-path --mm-attention-backend
        """,
    ),
    *flags(
        Takes.INT,
        """
        --max-seq-len-to-capture --num-scheduler-steps --tokenizer-pool-size
        --max-prompt-adapters --max-prompt-adapter-token --lora-extra-vocab-size
        --num-lookahead-slots --num-speculative-tokens
        --speculative-draft-tensor-parallel-size --speculative-max-model-len
        --speculative-disable-by-batch-size --ngram-prompt-lookup-max --ngram-prompt-lookup-min
        --max-context-len-to-capture --num-redundant-experts --eplb-window-size
        --eplb-step-interval --max-num-partial-prefills --max-long-partial-prefills
        """,
    ),
    *flags(Takes.FLOAT, "--swap-space --rope-theta --scheduler-delay-factor"),
    *flags(
        Takes.SWITCH,
        """
        --use-v2-block-manager --disable-log-requests --disable-frontend-multiprocessing
        --enable-lora-bias --enable-prompt-adapter --multi-step-stream-outputs
        --disable-async-output-proc --calculate-kv-scales --enable-reasoning --worker-use-ray
        --disable-mm-preprocessor-cache --engine-use-ray
        --enable-multimodal-encoder-data-parallel
        """,
    ),
    *flags(
        Takes.JSON,
        """
        --rope-scaling --override-neuron-config --override-pooler-config
        --tokenizer-pool-extra-config --guided-decoding-config
        """,
    ),
    *flags(Takes.LIST, "--long-lora-scaling-factors --prompt-adapters --cuda-graph-sizes"),
)
"""Flags that earlier versions took and 0.33 refuses or no longer has."""
