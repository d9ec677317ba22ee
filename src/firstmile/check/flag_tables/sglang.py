"""The flags of SGLang's server: those of version 0.5.23, and some that older versions had."""

from typing import Final

from firstmile.check.flags import Flag, Grammar, Takes, flags

GRAMMAR: Final = Grammar(abbreviations=True)

FLAGS: Final[tuple[Flag, ...]] = (
    *flags(
        Takes.TEXT,
        """
        --model-path|--model --config --load-format --model-loader-extra-config --revision
        --model-impl --model-config-parser --json-model-override-args --dtype --quantization
        --quantization-param-path --kv-cache-dtype --qsa-indexer-dtype --modelopt-quant
        --modelopt-checkpoint-restore-path --modelopt-checkpoint-save-path
        --modelopt-export-path --rl-quant-profile --startup-weight-load-mode
        --remote-instance-weight-loader-seed-instance-ip
        --remote-instance-weight-loader-backend --modelexpress-config --download-dir
        --model-checksum --decrypted-config-file --decrypted-draft-config-file
        --weight-cache-mode --weight-cache-socket --tokenizer-path --tokenizer-mode
        --tokenizer-backend --host --fastapi-root-path --sidecar --sidecar-args --warmups
        --ssl-keyfile --ssl-certfile --ssl-ca-certs --ssl-keyfile-password --api-key
        --admin-api-key --served-model-name --weight-version --chat-template
        --hf-chat-template-name --completion-template --file-storage-path --tool-server
        --reasoning-parser --tool-call-parser --sampling-defaults
        --constrained-json-whitespace-pattern --device --attention-backend
        --decode-attention-backend --prefill-attention-backend
        --prefill-kv-cache-dequant-dtype --sampling-backend --grammar-backend
        --fp8-gemm-backend --fp4-gemm-backend --bf16-gemm-backend --dsa-prefill-backend
        --dsv4-prefill-backend --dsa-decode-backend --dsv4-attn-backend
        --dsa-paged-mqa-logits-backend --dsa-topk-backend --mamba-backend --mamba-ssm-dtype
        --mamba-radix-cache-strategy --linear-attn-backend --linear-attn-decode-backend
        --linear-attn-prefill-backend --linear-attn-verify-backend --cuda-graph-config
        --cuda-graph-backend-decode --cuda-graph-backend-prefill --boundary-reduction
        --flashinfer-allreduce-fusion-backend --moe-a2a-backend --deepep-v2-mode
        --moe-runner-backend --flashinfer-mxfp4-moe-precision --deepep-mode --fuseep-mode
        --deepep-dispatcher-output-dtype --flashinfer-a2a-dispatch-type
        --ep-dispatch-algorithm --init-expert-location --eplb-algorithm
        --expert-distribution-recorder-mode --expert-balancedness-report-mode --deepep-config
        --elastic-ep-backend --mooncake-ib-device --elastic-ep-join-mode --kt-weight-path
        --kt-method --offload-mode --ple-offload-backend --ple-offload-dir --dllm-algorithm
        --dllm-algorithm-config --rl-on-policy-target --lora-eviction-policy --lora-backend
        --radix-eviction-policy --radix-cache-backend --hicache-host-memory-mode
        --hicache-write-policy --hicache-io-backend --hicache-mem-layout
        --hicache-storage-backend --hicache-storage-prefetch-policy
        --hicache-storage-backend-extra-config --unified-cache-external-linker-backend
        --hisparse-config|--hierarchical-sparse-attention-extra-config --lmcache-config-file
        --flexkv-config-file --mm-attention-backend --image-processor-backend
        --mm-global-cache-backend --mm-feature-transport --log-level --log-level-http
        --log-requests-format --crash-dump-folder --trace-modules --otlp-traces-endpoint
        --otlp-service-name --export-metrics-to-file-dir --kv-canary --kv-canary-real-data
        --debug-tensor-dump-output-folder --debug-tensor-dump-input-file
        --msprobe-dump-config --dist-init-addr|--nccl-init-addr --load-balance-method
        --dcp-comm-backend --cp-strategy --schedule-policy --retraction-policy
        --disaggregation-mode --disaggregation-decode-allocation-policy
        --disaggregation-transfer-backend --disaggregation-ib-device
        --disaggregation-decode-retraction-backup --encoder-transfer-backend
        --pdmux-config-path --watermark-config --return-hidden-states-mode
        --speculative-algorithm --uno-lora-path
        --speculative-draft-model-path|--speculative-draft-model
        --speculative-draft-model-revision --speculative-draft-load-format
        --speculative-dspark-sps-table-path --speculative-dspark-confidence-sts-path
        --speculative-token-map --speculative-attention-mode
        --speculative-draft-attention-backend --speculative-dsa-topk-backend
        --speculative-draft-kv-cache-dtype --speculative-moe-runner-backend
        --speculative-moe-a2a-backend --speculative-draft-model-quantization
        --speculative-adaptive-config --spec-trace-dir --speculative-ngram-match-type
        --speculative-ngram-external-corpus-path --decoupled-spec-bind-endpoint
        --decoupled-spec-connect-endpoints --decoupled-spec-role --forward-hooks
        --monokernel-backend --model-type --tool-call-parser-plugin --preferred-sampling-params
        --tokenizer-metrics-custom-labels-header --kv-events-config --load-publish-endpoint
        --forward-pass-metrics-worker-id --forward-pass-metrics-ipc-name
        """,
    ),
    *flags(
        Takes.INT,
        """
        --tp-size|--tensor-parallel-size|--tp --pp-size|--pipeline-parallel-size|--pp
        --dp-size|--data-parallel-size|--dp --ep-size|--expert-parallel-size|--ep
        --dcp-size|--decode-context-parallel-size --attn-dp-size|--attention-data-parallel-size
        --attn-cp-size|--attention-context-parallel-size --moe-dp-size|--moe-data-parallel-size
        --dwdp-size --pp-max-micro-batch-size --pp-async-batch-depth --shared-experts-tp-size
        --elastic-ep-join-rank-offset --elastic-ep-initial-size --max-ep-size
        --moe-dense-tp-size --nccl-port --dist-timeout --gated-launch-port --nnodes --node-rank
        --max-running-requests --max-queued-requests --chunked-prefill-size
        --prefill-decode-interval --prefill-decode-interval-min-bs --prefill-max-requests
        --default-priority-value --priority-scheduling-preemption-threshold
        --page-size --c128-page-size --swa-prefix-tails --num-continuous-decode-steps
        --scheduler-recv-interval --max-mamba-cache-size --prefill-delayer-max-delay-passes
        --min-free-slots-delay --tokenizer-worker-num --detokenizer-worker-num --port
        --grpc-port --grpc-response-timeout-secs --http2-max-concurrent-streams
        --http2-initial-connection-window-size --asr-max-buffer-seconds
        --asr-max-concurrent-sessions --stream-interval --batch-notify-size
        --constrained-json-max-whitespace-cnt --dynamic-batch-tokenizer-batch-size
        --base-gpu-id --gpu-id-step --random-seed --decoupled-spec-rank
        --disaggregation-bootstrap-port --num-reserved-decode-tokens
        --disaggregation-decode-extra-slots --disaggregation-decode-polling-interval
        --optimistic-prefill-attempts --encoder-bootstrap-port --sm-group-num
        --sampling-mask-max-tokens --dsa-triton-union --triton-attention-num-kv-splits
        --triton-attention-split-tile-size --mamba-max-states-per-path
        --mamba-cache-philox-rounds --mamba-track-interval --int8-mamba-ckpt-size
        --linear-replayssm-cache-len --cuda-graph-max-bs-decode --cuda-graph-max-bs-prefill
        --cuda-graph-max-seq-len-prefill --torch-compile-max-bs --ep-num-redundant-experts
        --eplb-rebalance-num-iterations --eplb-rebalance-layers-per-chunk
        --expert-distribution-recorder-buffer-size --paged-experts-num-resident
        --kt-cpuinfer --kt-threadpool-count --kt-num-gpu-experts
        --kt-max-deferred-experts-per-token --cpu-offload-gb --offload-group-size
        --offload-num-in-group --offload-prefetch-step --max-lora-rank --max-loaded-loras
        --max-loras-per-batch --max-lora-chunk-size --hicache-size
        --hicache-storage-prefetch-retry-poll-interval
        --hicache-storage-prefetch-retry-max-attempts --mm-processor-worker-num
        --mm-io-worker-num --media-url-max-file-size-mb --mm-preprocess-cache-size-mb
        --weight-loader-prefetch-num-threads
        --remote-instance-weight-loader-seed-instance-service-port --engine-info-bootstrap-port
        --weight-cache-timeout --log-requests-level --kv-canary-sweep-interval
        --speculative-num-steps --speculative-eagle-topk --speculative-num-draft-tokens
        --speculative-dflash-block-size --speculative-domino-candidate-pool-size
        --speculative-dspark-block-size --speculative-draft-window-size
        --speculative-draft-sink-size --speculative-ngram-min-bfs-breadth
        --speculative-ngram-max-bfs-breadth --speculative-ngram-max-trie-depth
        --speculative-ngram-capacity --speculative-ngram-external-sam-budget
        --speculative-ngram-external-corpus-max-tokens
        --smg-http-sidecar-port|--grpc-http-sidecar-port --cuda-graph-max-bs
        --load-snapshot-publish-interval --decode-log-interval
        """,
    ),
    *flags(
        Takes.COUNT,
        """
        --context-length --max-total-tokens --max-prefill-tokens
        --cuda-graph-prefill-max-context|--context-bucket
        """,
    ),
    *flags(
        Takes.FLOAT,
        """
        --mem-fraction-static --schedule-conservativeness --swa-full-tokens-ratio
        --mamba-full-memory-ratio --prefill-delayer-token-usage-low-watermark
        --prefill-delayer-queue-min-ratio --prefill-delayer-max-delay-ms
        --dynamic-batch-tokenizer-batch-timeout --watchdog-timeout --soft-watchdog-timeout
        --disaggregation-decode-host-receive-threshold --elastic-ep-scale-timeout
        --eplb-min-rebalancing-utilization-threshold --tbo-token-distribution-threshold
        --lora-drain-wait-threshold --hicache-ratio --hicache-host-memory-fraction
        --speculative-accept-threshold-single --speculative-accept-threshold-acc
        --gc-warning-threshold-secs
        """,
    ),
    *flags(
        Takes.SWITCH,
        """
        --trust-remote-code --is-embedding --quantize-and-serve --weight-loader-disable-mmap
        --weight-loader-prefetch-checkpoints --weight-loader-drop-cache-after-load
        --remote-instance-weight-loader-start-seed-via-transfer-engine
        --delete-ckpt-after-loading --checkpoint-engine-wait-weights-before-ready
        --skip-tokenizer-init --enable-http-worker-reuseport --smg-grpc-mode --grpc-mode
        --skip-server-warmup --enable-http2 --enable-ssl-refresh
        --trust-request-chat-template --enable-cache-report --return-input-ids
        --return-output-ids --strip-thinking-cache --enable-strict-thinking
        --allow-auto-truncate --stream-response-default-include-usage
        --incremental-streaming-output --enable-streaming-session
        --constrained-json-disable-any-whitespace --enable-dynamic-batch-tokenizer
        --enable-tokenizer-batch-encode --disable-tokenizer-batch-decode
        --enable-response-store --mlx-enable-sampling --sleep-on-idle --use-ray
        --disaggregation-enable-kv-checksum --disaggregation-decode-enable-radix-cache
        --disaggregation-decode-enable-offload-kvcache --enable-pd-role-switch
        --encoder-only --language-only --language-model-only
        --enable-adaptive-dispatch-to-encoder --enable-pdmux --enable-fp32-lm-head
        --enable-tf32-matmul --enable-memory-saver --enable-weights-cpu-backup
        --enable-draft-weights-cpu-backup --enable-custom-logit-processor --enable-watermark
        --enable-return-hidden-states --enable-return-aux-hidden-states
        --enable-return-routed-experts --enable-return-indexer-topk
        --enable-encoder-swa-bounded-replay --enable-decoder-swa-bounded-replay
        --disable-outlines-disk-cache --enable-mis --enable-lean-attention
        --enable-nvidia-megakernel --enable-amd-monokernel --disable-flashinfer-autotune
        --triton-attention-reduce-in-fp32 --flashinfer-mla-disable-ragged
        --enable-fused-qk-norm-rope --enable-precise-embedding-interpolation
        --enable-deepseek-v4-fp4-indexer --enable-dsa-fused-indexer
        --enable-mamba-cache-stochastic-rounding --enable-int8-mamba-checkpoint
        --enable-linear-replayssm --enable-linear-replayssm-spec
        --disable-prefill-cuda-graph --disable-decode-cuda-graph --disable-cuda-graph
        --disable-cuda-graph-padding --enable-profile-cuda-graph --enable-cudagraph-gc
        --debug-cuda-graph --enable-torch-compile --enable-torch-compile-debug-mode
        --enable-layerwise-nvtx-marker --enable-nccl-nvls --enable-symm-mem
        --disable-custom-all-reduce --enable-mscclpp --enable-torch-symm-mem
        --enable-scattered-sconv --pre-warm-nccl --enable-quant-communications
        --enable-flashinfer-allreduce-fusion --enforce-disable-flashinfer-allreduce-fusion
        --enable-aiter-allreduce-fusion --disable-aiter-allreduce-fusion-in-prefill
        --disable-aiter-allreduce-fusion-in-decode --enable-fused-moe-sum-all-reduce
        --enable-w4a4-mxfp4-megamoe --enable-eplb --enable-elastic-expert-backup
        --enable-waterfill --disable-flashinfer-cutlass-moe-fp4-allgather
        --disable-shared-experts-fusion --enforce-shared-experts-fusion --enable-paged-experts
        --enable-two-batch-overlap --enable-single-batch-overlap --ple-offload-embedding
        --dllm-fdfo --enable-deterministic-inference --enable-lora
        --enable-lora-overlap-loading --experts-shared-outer-loras --lora-use-virtual-experts
        --lora-strict-loading --disable-radix-cache --enable-page-major-kv-layout
        --enable-unified-memory --enable-session-radix-cache
        --enable-hierarchical-cache|--enable-hicache --enable-unified-cache-external-linker
        --enable-linker-mla-dedup --enable-hisparse --enable-lmcache --enable-flexkv
        --enable-multimodal --enable-broadcast-mm-inputs-process --enable-prefix-mm-cache
        --mm-enable-dp-encoder --trust-mm-content-hashes --enable-mm-global-cache
        --disable-fast-image-processor --log-requests --show-time-cost --enable-metrics
        --enable-trace --export-metrics-to-file --dcp-replicate-q-proj --enable-prefill-cp
        --enable-dsa-cache-layer-split --enable-cp-decode-attn-tp --enable-kv-cache-sharding
        --enable-dp-attention --enable-dp-attention-local-control-broadcast
        --enable-dp-lm-head --enable-tp-lm-head-all-to-all --enable-attn-tp-input-scattered
        --enable-shared-experts-attn-tp --enable-dense-mlp-attn-tp --enable-layernorm-sp
        --enable-megamoe-for-layernorm-sp --disable-attn-tp-gather --enable-p2p-check
        --enable-dynamic-chunking --enable-priority-scheduling --disable-priority-preemption
        --abort-on-priority-when-disabled --schedule-low-priority-values-first
        --disable-hybrid-swa-memory --prefill-only-disable-kv-cache
        --disable-chunked-prefix-cache --disable-overlap-schedule --enable-mixed-chunk
        --enable-prefill-delayer --speculative-use-rejection-sampling
        --speculative-use-block-verification --speculative-enable-w4a4-mxfp4-megamoe
        --speculative-dspark-align-verify-tokens-to-graph-tier --enable-multi-layer-eagle
        --speculative-adaptive --enable-ep-moe --enable-deepep-moe --disable-mla
        --enable-flashinfer-mla --enable-flashmla --disable-jump-forward
        --disable-overlap-schedule-for-spec --enable-nan-detection
        --enable-mfu-metrics --enable-metrics-for-all-schedulers
        --enable-request-time-stats-logging --enable-forward-pass-metrics
        """,
    ),
    *flags(
        Takes.JSON,
        """
        --default-chat-template-kwargs --radix-eviction-policy-config
        --unified-cache-external-linker-config --mm-process-config --limit-mm-data-per-request
        --extra-metric-labels
        """,
    ),
    *flags(
        Takes.LIST,
        """
        --lora-paths --lora-target-modules --numa-node --gc-threshold --encoder-urls
        --encoder-register-urls --return-aux-hidden-state-layer-ids
        --flashinfer-autotune-skip-ops --cuda-graph-bs-decode --cuda-graph-bs-prefill
        --cuda-graph-bs --allowed-media-domains --custom-weight-loader --log-requests-target
        --uvicorn-access-log-exclude-prefixes --debug-tensor-dump-layers
        --prefill-delayer-forward-passes-buckets --prefill-delayer-wait-seconds-buckets
        --remote-instance-weight-loader-send-weights-group-ports
        --tokenizer-metrics-allowed-custom-labels --bucket-time-to-first-token
        --bucket-inter-token-latency --bucket-e2e-request-latency
        --prompt-tokens-buckets --generation-tokens-buckets
        """,
    ),
)
