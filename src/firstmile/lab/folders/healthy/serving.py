"""Servers that start: vLLM, SGLang, llama.cpp, Ollama and transformers, on several machines."""

from collections.abc import Mapping
from typing import Final

from firstmile.lab.folders.fault import Healthy

HEALTHY: Final[Mapping[str, Healthy]] = {
    "llama-3-by-vllm": Healthy(
        base="llama-3",
        command="vllm serve model --max-model-len 32768 --gpu-memory-utilization 0.9",
    ),
    "llama-3-with-tools-by-vllm": Healthy(
        base="llama-3",
        command="vllm serve model --enable-auto-tool-choice --tool-call-parser llama3_json",
    ),
    "llama-3-on-two-ranks": Healthy(
        base="llama-3-sharded",
        machine="server",
        command="vllm serve model --tensor-parallel-size 2 --max-model-len 65536",
    ),
    "llama-70b-on-eight-gpus": Healthy(
        base="llama-70b",
        machine="server",
        command="vllm serve model --tensor-parallel-size 8 --max-model-len 131072",
    ),
    "llama-70b-on-accelerators-of-amd": Healthy(
        base="llama-70b",
        machine="instinct",
        command="vllm serve model --tensor-parallel-size 4 --max-model-len 65536",
    ),
    "llama-2-by-vllm": Healthy(base="llama-2", command="vllm serve model"),
    "llama-3-of-2024-by-vllm-of-2024": Healthy(
        base="llama-3-of-2024", machine="of_2024", command="vllm serve model --max-model-len 16384"
    ),
    "llama-3-gptq-by-vllm": Healthy(base="llama-3-gptq", command="vllm serve model"),
    "llama-3-awq-by-vllm": Healthy(
        base="llama-3-awq", command="vllm serve model --quantization awq_marlin"
    ),
    "llama-3-awq-on-a-t4": Healthy(
        base="llama-3-awq",
        machine="turing",
        command="vllm serve model --quantization awq --dtype half --max-model-len 4096",
    ),
    "llama-3-fp8-by-vllm": Healthy(base="llama-3-fp8", command="vllm serve model"),
    "qwen-3-fp8-by-vllm": Healthy(
        base="qwen-3-fp8", command="vllm serve model --reasoning-parser qwen3"
    ),
    "qwen-2-by-vllm": Healthy(
        base="qwen-2",
        command="vllm serve model --enable-auto-tool-choice --tool-call-parser hermes",
    ),
    "qwen-3-by-vllm": Healthy(
        base="qwen-3",
        command="vllm serve model --reasoning-parser qwen3 --enable-auto-tool-choice "
        "--tool-call-parser hermes",
    ),
    "qwen-3-by-sglang": Healthy(
        base="qwen-3",
        command="python -m sglang.launch_server --model-path model --reasoning-parser qwen3",
    ),
    "qwen-3-moe-on-eight-gpus": Healthy(
        base="qwen-3-moe",
        machine="server",
        command="vllm serve model --tensor-parallel-size 2 --data-parallel-size 4 "
        "--enable-expert-parallel --reasoning-parser qwen3",
    ),
    "qwen-2-moe-by-vllm": Healthy(base="qwen-2-moe", command="vllm serve model"),
    "deepseek-v3-on-eight-gpus": Healthy(
        base="deepseek-v3",
        machine="server",
        command="vllm serve model --tensor-parallel-size 8 --enable-expert-parallel",
    ),
    "deepseek-v3-by-sglang": Healthy(
        base="deepseek-v3",
        machine="server",
        command="python3 -m sglang.launch_server --model-path model --tp 8",
    ),
    "mixtral-by-vllm": Healthy(
        base="mixtral", machine="four_gpus", command="vllm serve model --tensor-parallel-size 2"
    ),
    "mistral-with-its-own-tokenizer": Healthy(
        base="mistral-tekken",
        command="vllm serve model --tokenizer-mode mistral --max-model-len 32768",
    ),
    "gemma-3-by-vllm": Healthy(base="gemma-3", command="vllm serve model --max-model-len 8192"),
    "gemma-2-by-vllm": Healthy(base="gemma-2", command="vllm serve model"),
    "phi-3-by-vllm": Healthy(base="phi-3", command="vllm serve model --max-model-len 2048"),
    "gpt-oss-by-vllm": Healthy(base="gpt-oss", machine="server", command="vllm serve model"),
    "glm-4-by-vllm": Healthy(base="glm-4", command="vllm serve model --max-model-len 16384"),
    "llama-3-with-an-adapter": Healthy(
        base="llama-3-lora",
        command="vllm serve base --enable-lora --lora-modules mine=model --max-lora-rank 16",
    ),
    "qwen-2-gguf-by-llama-server": Healthy(
        base="qwen-2-gguf",
        command="llama-server -m model/model.gguf -c 8192 -ngl 99 --jinja --port 8081",
    ),
    "llama-3-gguf-on-a-laptop": Healthy(
        base="llama-3-gguf", machine="laptop", command="llama-cli -m model/model.gguf -c 4096 -t 8"
    ),
    "qwen-2-gguf-on-a-mac": Healthy(
        base="qwen-2-gguf", machine="mac", command="llama-server -m model/model.gguf -ngl 99"
    ),
    "qwen-2-by-ollama": Healthy(
        base="qwen-2-modelfile", command="ollama create mine -f model/Modelfile"
    ),
    "smollm-3-by-transformers": Healthy(base="smollm-3", command="transformers serve model"),
}
