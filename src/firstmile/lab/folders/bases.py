"""Healthy folders, made with the real libraries: each maker fills a folder with `model`.

What builds on another model has that beside it, in `base`. Weights are random and small; the
one of real size has its headers alone, in files with holes.
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from firstmile.lab.folders import quantized, templates
from firstmile.lab.folders.architectures import CONFIGS
from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.full_size import write_full_size
from firstmile.lab.folders.gguf_file import write_gguf
from firstmile.lab.folders.vocabularies import (
    byte_level,
    sentencepiece_tokenizer,
    unigram,
    write_tekken,
)

_LLAMA_3: Final = (
    *("<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>"),
    *("<|eom_id|>", "<|eot_id|>", "<|python_tag|>", "<|finetune_right_pad_id|>"),
)
_QWEN: Final = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
_THINKS: Final = (*_QWEN, "<think>", "</think>", "<tool_call>", "</tool_call>")
_GEMMA: Final = ("<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>")
_DEEPSEEK: Final = (
    "<｜begin▁of▁sentence｜>",
    "<｜end▁of▁sentence｜>",
    "<｜User｜>",
    "<｜Assistant｜>",
)
_PHI: Final = ("<|endoftext|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>")
_HARMONY: Final = (
    *("<|startoftext|>", "<|endoftext|>", "<|return|>", "<|channel|>", "<|message|>"),
    *("<|start|>", "<|end|>", "<|call|>"),
)
_TEKKEN: Final = (
    *("<unk>", "<s>", "</s>", "[INST]", "[/INST]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]"),
    *("[TOOL_RESULTS]", "[/TOOL_RESULTS]", "[TOOL_CALLS]", "<pad>"),
)

Maker = Callable[[Path], None]


def _llama_3_tokenizer(folder: Path) -> Any:
    return byte_level(
        _LLAMA_3,
        template=templates.LLAMA_3,
        starts=True,
        bos="<|begin_of_text|>",
        eos="<|eot_id|>",
        pad="<|finetune_right_pad_id|>",
    )


def _qwen_tokenizer(folder: Path, *, thinks: bool = False) -> Any:
    return byte_level(
        _THINKS if thinks else _QWEN,
        template=templates.THINKING if thinks else templates.CHATML,
        parts=True,
        eos="<|im_end|>",
        pad="<|endoftext|>",
    )


def _instruct_tokenizer(folder: Path) -> Any:
    return sentencepiece_tokenizer(folder, template=templates.INST)


def _gemma_tokenizer(folder: Path) -> Any:
    return unigram(
        _GEMMA,
        template=templates.GEMMA,
        bos="<bos>",
        eos="<eos>",
        pad="<pad>",
        unk="<unk>",
    )


def _deepseek_tokenizer(folder: Path) -> Any:
    return byte_level(
        _DEEPSEEK,
        template=templates.DEEPSEEK,
        starts=True,
        bos=_DEEPSEEK[0],
        eos=_DEEPSEEK[1],
        pad=_DEEPSEEK[1],
    )


def _phi_tokenizer(folder: Path) -> Any:
    return byte_level(
        _PHI,
        template=templates.PHI_3,
        bos="<|endoftext|>",
        eos="<|endoftext|>",
        pad="<|endoftext|>",
    )


def _harmony_tokenizer(folder: Path) -> Any:
    return byte_level(
        _HARMONY,
        template=templates.HARMONY,
        bos="<|startoftext|>",
        eos="<|return|>",
        pad="<|endoftext|>",
    )


def _plain_tokenizer(folder: Path) -> Any:
    return byte_level(("<|endoftext|>",), bos="<|endoftext|>", eos="<|endoftext|>")


def _make(
    place: Path,
    *,
    architecture: str,
    tokenizer: Callable[[Path], Any],
    stops: Sequence[str] = (),
    sampling: Mapping[str, Any] | None = None,
    shard_size: str = "50GB",
    keeps_sentencepiece: bool = False,
    name: str = "model",
    dtype: str = "bfloat16",
    newest: bool = False,
) -> None:
    """Write a model with its tokenizer.

    `stops` are tokens that end an answer, the first of them by the config itself; `newest` leaves
    the words as the installed transformers writes them.
    """
    from firstmile.lab.libraries import torch, transformers

    torch.manual_seed(7)
    scratch = place / "scratch"
    scratch.mkdir(parents=True)
    words = tokenizer(scratch)
    folder = place / name
    ids = {
        "vocab_size": -(-len(words) // 64) * 64,
        "bos_token_id": words.bos_token_id,
        "eos_token_id": words.eos_token_id,
        "pad_token_id": words.pad_token_id,
    }
    config = CONFIGS[architecture](transformers, ids)
    stopping = [words.convert_tokens_to_ids(each) for each in stops] or [words.eos_token_id]
    config.eos_token_id = stopping[0]
    model = transformers.AutoModelForCausalLM.from_config(config, dtype=getattr(torch, dtype))
    model.generation_config = transformers.GenerationConfig(
        bos_token_id=words.bos_token_id,
        eos_token_id=stopping if len(stopping) > 1 else stopping[0],
        pad_token_id=words.pad_token_id,
        **(sampling or {}),
    )
    model.save_pretrained(folder, max_shard_size=shard_size)
    words.save_pretrained(folder)
    if not newest:
        _in_older_words(folder)
    if keeps_sentencepiece:
        shutil.copy(scratch / "tokenizer.model", folder)
    shutil.rmtree(scratch)


_SAMPLED: Final = {"do_sample": True, "temperature": 0.6, "top_p": 0.9}
_llama_3 = partial(
    _make,
    architecture="llama-3",
    tokenizer=_llama_3_tokenizer,
    stops=("<|eot_id|>", "<|end_of_text|>", "<|eom_id|>"),
    sampling=_SAMPLED,
)
_qwen = partial(
    _make,
    tokenizer=_qwen_tokenizer,
    stops=("<|im_end|>", "<|endoftext|>"),
    sampling={"do_sample": True, "temperature": 0.7, "top_p": 0.8, "top_k": 20},
)
_qwen_3 = partial(
    _qwen,
    tokenizer=partial(_qwen_tokenizer, thinks=True),
    sampling={"do_sample": True, "temperature": 0.6, "top_p": 0.95, "top_k": 20},
)
_llama_2 = partial(_make, architecture="llama-2", tokenizer=_instruct_tokenizer)


def _in_older_words(folder: Path) -> None:
    """Write a folder anew in the words of transformers 4, as nearly all of the Hub has them."""
    with edited(folder / "config.json") as config:
        config["torch_dtype"] = config.pop("dtype")
        config["transformers_version"] = "4.52.4"
        rope = config.pop("rope_parameters", None) or {}
        if "full_attention" in rope:
            config["rope_local_base_freq"] = rope["sliding_attention"]["rope_theta"]
            rope = rope["full_attention"]
        if "rope_theta" in rope:
            config["rope_theta"] = rope.pop("rope_theta")
            scaled = rope.get("rope_type", "default") != "default"
            config["rope_scaling"] = rope if scaled else None
    with edited(folder / "tokenizer_config.json") as settings:
        if settings["tokenizer_class"] == "TokenizersBackend":
            settings["tokenizer_class"] = "PreTrainedTokenizerFast"
        for key in ("backend", "is_local", "extra_special_tokens"):
            settings.pop(key, None)


def _of_2024(place: Path) -> None:
    """Write a folder as it was in 2024: the template in a setting, a map of special tokens."""
    _llama_3(place)
    folder = place / "model"
    with edited(folder / "tokenizer_config.json") as settings:
        settings["chat_template"] = templates.LLAMA_3
        named = {key: settings[key] for key in ("bos_token", "eos_token", "pad_token")}
    (folder / "chat_template.jinja").unlink()
    (folder / "special_tokens_map.json").write_text("{}")
    with edited(folder / "special_tokens_map.json") as written:
        written.update(named)


def _full_size(place: Path) -> None:
    """Write the 70B model beside a tokenizer."""
    _llama_3(place)
    for name in ("config.json", "generation_config.json", "model.safetensors"):
        (place / "model" / name).unlink()
    write_full_size(place / "model")


def _tekken(place: Path) -> None:
    _make(place, architecture="mistral", tokenizer=_plain_tokenizer)
    folder = place / "model"
    for file in ("tokenizer.json", "tokenizer_config.json"):
        (folder / file).unlink()
    write_tekken(folder, _TEKKEN)
    for file in ("config.json", "generation_config.json"):
        with edited(folder / file) as held:
            held.update(bos_token_id=1, eos_token_id=2)
            held.pop("pad_token_id", None)


def _adapter(place: Path, *, base: Maker, options: Mapping[str, Any]) -> None:
    """Write an adapter beside its base, whose matrices have learnt something."""
    from firstmile.lab.libraries import peft, torch, transformers

    base(place)
    (place / "model").rename(place / "base")
    torch.manual_seed(11)
    under = transformers.AutoModelForCausalLM.from_pretrained(place / "base")
    settings = peft.LoraConfig(task_type="CAUSAL_LM", lora_alpha=16, **options)
    model = peft.get_peft_model(under, settings)
    with torch.no_grad():
        for name, each in model.named_parameters():
            if "lora_B" in name:
                each.normal_(std=0.02)
    model.save_pretrained(place / "model")
    with edited(place / "model" / "adapter_config.json") as config:
        config["base_model_name_or_path"] = "base"
    (place / "model" / "README.md").unlink(missing_ok=True)


def _gguf(place: Path, *, base: Maker, **options: Any) -> None:
    """Write a model as GGUF; its source does not stay beside it."""
    base(place)
    (place / "model").rename(place / "source")
    (place / "model").mkdir()
    write_gguf(place / "source", place / "model" / "model.gguf", **options)
    shutil.rmtree(place / "source")


def _modelfile(place: Path) -> None:
    BASES["qwen-2-gguf"](place)
    (place / "model" / "Modelfile").write_text(
        "FROM ./model.gguf\n"
        'TEMPLATE """{{- range .Messages }}<|im_start|>{{ .Role }}\n{{ .Content }}<|im_end|>\n'
        '{{ end }}<|im_start|>assistant\n"""\n'
        'PARAMETER stop "<|im_end|>"\nPARAMETER num_ctx 8192\n'
    )


def _quantized(place: Path, *, base: Maker, turn: Callable[[Path], None]) -> None:
    base(place)
    turn(place / "model")


def _plain(architecture: str, **options: Any) -> Maker:
    return partial(_make, architecture=architecture, tokenizer=_plain_tokenizer, **options)


_LORA: Final = {"r": 8, "target_modules": ["q_proj", "v_proj"]}

BASES: Final[Mapping[str, Maker]] = {
    "llama-3": _llama_3,
    "llama-3-sharded": partial(_llama_3, shard_size="60KB"),
    "llama-3-of-2024": _of_2024,
    "llama-3-of-2026": partial(_llama_3, newest=True),
    "llama-2": partial(_llama_2, keeps_sentencepiece=True),
    "llama-4": partial(_llama_3, architecture="llama-4"),
    "qwen-2": partial(_qwen, architecture="qwen-2"),
    "qwen-2-in-float32": partial(_qwen, architecture="qwen-2", dtype="float32"),
    "qwen-2-moe": partial(_qwen, architecture="qwen-2-moe"),
    "qwen-3": partial(_qwen_3, architecture="qwen-3"),
    "qwen-3-moe": partial(_qwen_3, architecture="qwen-3-moe"),
    "deepseek-v3": partial(_make, architecture="deepseek-v3", tokenizer=_deepseek_tokenizer),
    "mixtral": partial(_llama_2, architecture="mixtral"),
    "mistral-tekken": _tekken,
    "gemma-2": partial(
        _make,
        architecture="gemma-2",
        tokenizer=_gemma_tokenizer,
        stops=("<eos>", "<end_of_turn>"),
    ),
    "gemma-3": partial(
        _make,
        architecture="gemma-3",
        tokenizer=_gemma_tokenizer,
        stops=("<eos>", "<end_of_turn>"),
    ),
    "phi-3": partial(
        _make,
        architecture="phi-3",
        tokenizer=_phi_tokenizer,
        stops=("<|endoftext|>", "<|end|>", "<|assistant|>"),
    ),
    "gpt-oss": partial(
        _quantized,
        base=partial(
            _make,
            architecture="gpt-oss",
            tokenizer=_harmony_tokenizer,
            stops=("<|return|>", "<|endoftext|>", "<|call|>"),
        ),
        turn=quantized.to_mxfp4,
    ),
    "gpt-2": _plain("gpt-2", dtype="float32"),
    "gpt-neox": _plain("gpt-neox", dtype="float16"),
    "falcon": _plain("falcon"),
    "command-r": _plain("command-r", dtype="float16"),
    "glm-4": partial(_qwen, architecture="glm-4"),
    "olmo-2": _plain("olmo-2"),
    "granite": _plain("granite"),
    "starcoder-2": _plain("starcoder-2"),
    "smollm-3": partial(_qwen_3, architecture="smollm-3"),
    "mamba": _plain("mamba", dtype="float32"),
    "llama-3-gptq": partial(_quantized, base=_llama_3, turn=quantized.to_gptq),
    "llama-3-awq": partial(_quantized, base=_llama_3, turn=quantized.to_awq),
    "llama-3-fp8": partial(_quantized, base=_llama_3, turn=quantized.to_compressed_fp8),
    "qwen-3-fp8": partial(
        _quantized,
        base=partial(_qwen_3, architecture="qwen-3"),
        turn=quantized.to_block_fp8,
    ),
    "llama-3-lora": partial(_adapter, base=_llama_3, options=_LORA),
    "qwen-2-lora": partial(
        _adapter,
        base=partial(_qwen, architecture="qwen-2"),
        options={"r": 64, "use_rslora": True, "target_modules": "all-linear"},
    ),
    "qwen-2-gguf": partial(_gguf, base=partial(_qwen, architecture="qwen-2")),
    "llama-3-gguf": partial(_gguf, base=_llama_3, architecture="llama", pre="llama-bpe"),
    "qwen-2-modelfile": _modelfile,
    "llama-70b": _full_size,
}
"""Every base by its name."""


def make_bases(store: Path) -> None:
    """Make every base in a folder of its own."""
    for name, make in BASES.items():
        make(store / name)
