"""Pairs of library releases that do not go together though no requirement says so, with sources."""

from typing import Final

import msgspec


class Combination(msgspec.Struct, frozen=True, kw_only=True):
    """Releases of one library (`which`) that break beside releases of another (`beside`).

    `trains` says that only fine-tuning meets it, `method` that only models do whose files are
    quantized so; `error` is what is said, `instead` the remedy.
    """

    library: str
    which: str
    other: str
    beside: str
    error: str
    instead: str
    source: str
    trains: bool = False
    method: str | None = None


COMBINATIONS: Final[tuple[Combination, ...]] = (
    Combination(
        library="trl",
        which="<0.12",
        other="transformers",
        beside=">=5.0.0",
        error="Trainer.__init__() got an unexpected keyword argument 'tokenizer'",
        instead='pip install -U trl, or pip install "transformers<5"',
        source="https://github.com/huggingface/trl/releases/tag/v0.12.0",
        trains=True,
    ),
    Combination(
        library="peft",
        which=">=0.14",
        other="transformers",
        beside="<4.43",
        error="cannot import name 'EncoderDecoderCache' from 'transformers'",
        instead='pip install -U transformers, or pip install "peft==0.13.2"',
        source="https://github.com/huggingface/peft/blob/v0.14.0/src/peft/peft_model.py",
    ),
    Combination(
        library="peft",
        which=">=0.16,<0.18",
        other="transformers",
        beside=">=5.0.0",
        error="cannot import name 'HybridCache' from 'transformers'",
        instead='pip install -U "peft>=0.18"',
        source="https://github.com/huggingface/peft/blob/v0.17.1/src/peft/peft_model.py",
    ),
    Combination(
        library="accelerate",
        which="<1.3",
        other="transformers",
        beside=">=4.52",
        error="Accelerator.unwrap_model() got an unexpected keyword argument 'keep_torch_compile'",
        instead='pip install -U "accelerate>=1.3"',
        source="https://github.com/huggingface/accelerate/pull/3282",
        trains=True,
    ),
    Combination(
        library="torch",
        which="<2.1",
        other="transformers",
        beside=">=4.52",
        error="Disabling PyTorch because PyTorch >= 2.1 is required",
        instead='pip install -U torch torchvision, or pip install "transformers<4.52"',
        source="https://github.com/huggingface/transformers/pull/37277",
    ),
    Combination(
        library="torch",
        which="<2.2",
        other="transformers",
        beside=">=4.56",
        error="Disabling PyTorch because PyTorch >= 2.2 is required",
        instead='pip install -U torch torchvision, or pip install "transformers<4.56"',
        source="https://github.com/huggingface/transformers/pull/40317",
    ),
    Combination(
        library="torch",
        which="<2.4",
        other="transformers",
        beside=">=5.0.0",
        error="Disabling PyTorch because PyTorch >= 2.4 is required",
        instead='pip install -U torch torchvision, or pip install "transformers<5"',
        source="https://github.com/huggingface/transformers/blob/main/MIGRATION_GUIDE_V5.md",
    ),
    Combination(
        library="peft",
        which="<0.5",
        other="auto-gptq",
        beside=">0",
        error="Target module QuantLinear() is not supported",
        instead='pip install -U "peft>=0.6.2" "auto-gptq>=0.5"',
        source="https://github.com/huggingface/peft/releases/tag/v0.5.0",
        trains=True,
        method="gptq",
    ),
    Combination(
        library="auto-gptq",
        which=">=0.5",
        other="peft",
        beside="<0.6.1",
        error="Target module QuantLinear() is not supported",
        instead='pip install -U "peft>=0.6.2"',
        source="https://github.com/huggingface/peft/issues/1097",
        trains=True,
        method="gptq",
    ),
    Combination(
        library="auto-gptq",
        which="<0.5",
        other="peft",
        beside=">=0.6.2",
        error="Found an incompatible version of auto-gptq",
        instead='pip install -U "auto-gptq>=0.5"',
        source="https://github.com/huggingface/peft/blob/v0.6.2/src/peft/import_utils.py",
        trains=True,
        method="gptq",
    ),
    Combination(
        library="flash-attn",
        which=">=2.5,<2.5.8",
        other="torch",
        beside=">=2.3,<2.4",
        error="undefined symbol at the import, where it is a ready-made wheel",
        instead='pip install -U --no-build-isolation "flash-attn>=2.5.8"',
        source="https://github.com/Dao-AILab/flash-attention/issues/931",
    ),
    Combination(
        library="vllm",
        which=">=0.9,<0.10",
        other="transformers",
        beside=">=4.54.0",
        error="errors at the import or while the model is set up",
        instead='pip install "transformers<4.54"',
        source="https://vllm.ai/releases",
    ),
    Combination(
        library="vllm",
        which="<0.10",
        other="transformers",
        beside=">=5.0.0",
        error="errors at the import or while the config is read",
        instead='pip install "transformers<5", or pip install -U vllm',
        source="https://vllm.ai/releases",
    ),
)
