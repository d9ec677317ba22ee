"""Made-up machines on which models run: of several vendors, with releases that go together."""

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from firstmile.facts.environment import Environment

_MODEL_TYPES: Final = (
    *("bloom", "cohere", "deepseek_v3", "falcon", "gemma", "gemma2", "gemma3", "gemma3_text"),
    *("glm4", "gpt2", "gpt_neox", "gpt_oss", "granite", "llama", "llama4", "llama4_text"),
    *("mamba", "mistral", "mixtral", "olmo2", "phi3", "qwen2", "qwen2_moe", "qwen3", "qwen3_moe"),
    *("smollm3", "starcoder2"),
)
_ARCHITECTURES: Final = (
    *("BloomForCausalLM", "CohereForCausalLM", "DeepseekV3ForCausalLM", "FalconForCausalLM"),
    *("Gemma2ForCausalLM", "Gemma3ForCausalLM", "Glm4ForCausalLM", "GPT2LMHeadModel"),
    *("GPTNeoXForCausalLM", "GptOssForCausalLM", "GraniteForCausalLM", "LlamaForCausalLM"),
    *("Llama4ForCausalLM", "MambaForCausalLM", "MistralForCausalLM", "MixtralForCausalLM"),
    *("Olmo2ForCausalLM", "Phi3ForCausalLM", "Qwen2ForCausalLM", "Qwen2MoeForCausalLM"),
    *("Qwen3ForCausalLM", "Qwen3MoeForCausalLM", "SmolLM3ForCausalLM", "Starcoder2ForCausalLM"),
)
_QUANTIZED: Final = ("awq", "bitsandbytes", "compressed-tensors", "fp8", "gptq", "mxfp4")
_ROOMS: Final = ("working folder", "temporary files", "shared memory", "Hugging Face cache")

PACKAGES: Final = {
    "accelerate": "1.10.1",
    "datasets": "4.1.1",
    "deepspeed": "0.17.6",
    "huggingface-hub": "0.35.3",
    "jinja2": "3.1.6",
    "numpy": "2.2.6",
    "peft": "0.17.1",
    "protobuf": "6.32.1",
    "safetensors": "0.6.2",
    "sentencepiece": "0.2.1",
    "tokenizers": "0.22.1",
    "transformers": "4.57.1",
    "triton": "3.4.0",
    "trl": "0.23.1",
    "bitsandbytes": "0.47.0",
    "mistral-common": "1.8.5",
    "kernels": "0.10.2",
    "compressed-tensors": "0.11.0",
    "gptqmodel": "4.2.5",
    "optimum": "1.27.0",
    "autoawq": "0.2.9",
    "tiktoken": "0.11.0",
    "vllm": "0.11.0",
    "sglang": "0.5.3",
}
"""Releases of autumn 2025 that go together."""


def machine(
    *,
    torch: str | None = "2.8.0+cu128",
    without: tuple[str, ...] = (),
    releases: dict[str, str] | None = None,
    model_types: tuple[str, ...] = _MODEL_TYPES,
    architectures: tuple[str, ...] = _ARCHITECTURES,
    training_arguments: tuple[str, ...] = (),
    **fields: Any,
) -> "Environment":
    """Return a machine with `PACKAGES`, other `releases` and `without` some of them."""
    from firstmile.check.machine_worlds import computer, package, room

    versions = {**PACKAGES, **(releases or {})}
    if torch is not None:
        versions["torch"] = torch
    listed = [
        package(name, one, requires_python=">=3.9")
        for name, one in versions.items()
        if name not in without
    ]
    fields.setdefault("folders", [room(each) for each in _ROOMS])
    fields.setdefault("python", "3.12.3")
    fields.setdefault("flags", ("avx", "avx2", "f16c", "fma"))
    arguments = {("transformers", "training arguments"): training_arguments}
    return computer(
        *listed,
        known={
            **(arguments if training_arguments else {}),
            ("transformers", "model types"): model_types,
            ("transformers", "quantization methods"): _QUANTIZED,
            ("vllm", "architectures"): architectures,
            ("vllm", "quantization methods"): _QUANTIZED,
        },
        **fields,
    )


def _nvidia(
    name: str,
    gib: float,
    capability: str,
    count: int = 1,
    *,
    driver: str = "570.86.15",
    used_gib: float = 0,
) -> dict[str, Any]:
    from firstmile.check.worlds import gpu
    from firstmile.facts.environment import Cuda

    cards = [
        gpu(name, gib, capability, index=index, driver=driver, used_gib=used_gib)
        for index in range(count)
    ]
    cuda = Cuda(driver=driver, driver_supports="12.8", toolkit=None, toolkit_path=None)
    return {"gpus": cards, "cuda": cuda}


def workstation(**fields: Any) -> "Environment":
    """Return a computer with one RTX 4090."""
    return machine(**{**_nvidia("NVIDIA GeForce RTX 4090", 24, "8.9"), **fields})


def server(count: int = 8, **fields: Any) -> "Environment":
    """Return a server with H100s."""
    cards = _nvidia("NVIDIA H100 80GB HBM3", 80, "9.0", count)
    return machine(**{"memory_gib": 1024, "cores": 96, **cards, **fields})


def four_gpus(**fields: Any) -> "Environment":
    """Return a server with four A100."""
    cards = _nvidia("NVIDIA A100-SXM4-80GB", 80, "8.0", 4)
    return machine(**{"memory_gib": 512, "cores": 64, **cards, **fields})


def turing(**fields: Any) -> "Environment":
    """Return a computer with a Tesla T4, as free notebooks have one."""
    return machine(**{**_nvidia("Tesla T4", 15, "7.5"), "memory_gib": 12, **fields})


def laptop(**fields: Any) -> "Environment":
    """Return a computer without a GPU and a torch for the CPU."""
    fields = {"torch": "2.8.0+cpu", "without": ("vllm", "sglang", "triton"), **fields}
    return machine(**{"memory_gib": 32, **fields})


def mac(**fields: Any) -> "Environment":
    """Return a MacBook with Apple silicon."""
    from firstmile.check.machine_worlds import computer, package, room
    from firstmile.facts.environment import Gpu

    names = (
        *("accelerate", "datasets", "huggingface-hub", "jinja2", "numpy", "peft"),
        *("safetensors", "sentencepiece", "tokenizers", "transformers", "trl"),
    )
    card = Gpu(
        index=0,
        vendor="Apple",
        name="Apple M3 Max",
        memory_total_bytes=64 * 1024**3,
        memory_used_bytes=None,
        compute_capability=None,
        driver=None,
    )
    listed = [package(name, PACKAGES[name]) for name in names]
    made = {
        "system": "Darwin",
        "architecture": "arm64",
        "libc": None,
        "flags": (),
        "python": "3.12.3",
        "gpus": [card],
        "folders": [room(each, filesystem="apfs") for each in _ROOMS[:3]],
    }
    return computer(package("torch", "2.8.0"), *listed, **{**made, **fields})


def instinct(**fields: Any) -> "Environment":
    """Return a server with AMD accelerators and a torch for ROCm."""
    from firstmile.facts.environment import Gpu

    cards = [
        Gpu(
            index=index,
            vendor="AMD",
            name="AMD Instinct MI300X",
            memory_total_bytes=192 * 1024**3,
            memory_used_bytes=0,
            compute_capability="gfx942",
            driver="6.10.5",
        )
        for index in range(8)
    ]
    fields = {"torch": "2.8.0+rocm6.4", "without": ("bitsandbytes", "sglang"), **fields}
    return machine(**{"gpus": cards, "memory_gib": 1024, "cores": 128, **fields})


def of_2024(**fields: Any) -> "Environment":
    """Return a server with A100 and the libraries of late 2024."""
    older = {
        "accelerate": "1.1.1",
        "bitsandbytes": "0.44.1",
        "compressed-tensors": "0.8.0",
        "datasets": "3.1.0",
        "deepspeed": "0.15.4",
        "huggingface-hub": "0.26.2",
        "jinja2": "3.1.4",
        "numpy": "1.26.4",
        "peft": "0.13.2",
        "safetensors": "0.4.5",
        "sentencepiece": "0.2.0",
        "tokenizers": "0.20.3",
        "transformers": "4.46.3",
        "triton": "3.1.0",
        "trl": "0.12.1",
        "vllm": "0.6.4.post1",
    }
    missing = ("sglang", "gptqmodel", "mistral-common", "kernels", "optimum")
    known = tuple(each for each in _MODEL_TYPES if each not in _SINCE_2025)
    fields = {"without": missing, "releases": older, "model_types": known, **fields}
    cards = _nvidia("NVIDIA A100-SXM4-80GB", 80, "8.0", 2, driver="550.54.15")
    return machine(
        **{"torch": "2.5.1+cu124", "python": "3.11.9", "memory_gib": 512, **cards, **fields}
    )


_SINCE_2025: Final = (
    *("deepseek_v3", "gemma3", "gemma3_text", "glm4", "gpt_oss", "llama4", "llama4_text"),
    *("qwen3", "qwen3_moe", "smollm3"),
)


def newest(**fields: Any) -> "Environment":
    """Return a server with H100s and transformers 5."""
    newer = {
        "accelerate": "1.12.0",
        "huggingface-hub": "1.3.0",
        "numpy": "2.3.5",
        "peft": "0.18.0",
        "safetensors": "0.7.0",
        "tokenizers": "0.22.2",
        "transformers": "5.0.0",
        "triton": "3.5.1",
        "trl": "0.26.2",
        "deepspeed": "0.18.3",
        "bitsandbytes": "0.49.0",
    }
    cards = _nvidia("NVIDIA H100 80GB HBM3", 80, "9.0", 8, driver="580.65.06")
    missing = ("vllm", "sglang", "autoawq", "optimum")
    fields = {"without": missing, "releases": newer, **fields}
    return machine(**{"torch": "2.9.1+cu128", "memory_gib": 1024, **cards, **fields})


def made(name: str) -> "Environment":
    """Return a machine by its name."""
    made_by = {
        each.__name__: each
        for each in (
            *(workstation, server, four_gpus, turing, laptop, mac, instinct, of_2024, newest),
        )
    }
    return made_by[name]()
