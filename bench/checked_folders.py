"""Folders of full size that the check is timed on: a hundred shards, and a large tokenizer."""

import json
import random
from pathlib import Path
from typing import Final

from bench.model_folders import CONFIG, tensors_of
from firstmile.lab.folders import templates

SHARDS: Final = 100
TENSORS: Final = sum(1 for _ in tensors_of(CONFIG["num_hidden_layers"]))
TOKENS: Final = 128_000
_SEED: Final = 20261128
_LONGEST: Final = 12
_NAMED: Final = (
    *("<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>"),
    *("<|eom_id|>", "<|eot_id|>", "<|python_tag|>", "<|finetune_right_pad_id|>"),
)


def byte_characters() -> list[str]:
    """Return the 256 characters that stand for bytes in a byte-level vocabulary."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [each for each in range(256) if each not in plain]
    shown = {each: chr(each) for each in plain}
    shown |= {each: chr(256 + place) for place, each in enumerate(others)}
    return [shown[each] for each in range(256)]


def make_tokenizer(folder: Path) -> None:
    """Write a byte-level tokenizer of merges drawn with a fixed seed, and Llama 3's turns."""
    chance = random.Random(_SEED)
    tokens = byte_characters()
    known = set(tokens)
    merges = []
    while len(tokens) < TOKENS:
        left, right = chance.choice(tokens), chance.choice(tokens)
        if len(left + right) <= _LONGEST and left + right not in known:
            merges.append([left, right])
            tokens.append(left + right)
            known.add(left + right)
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    added = [
        {
            "id": TOKENS + place,
            "content": name,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": True,
        }
        for place, name in enumerate(_NAMED)
    ]
    model = {"type": "BPE", "vocab": {each: n for n, each in enumerate(tokens)}, "merges": merges}
    written = {
        "version": "1.0",
        "added_tokens": added,
        "normalizer": None,
        "pre_tokenizer": {**level, "use_regex": True},
        "post_processor": {**level, "use_regex": True},
        "decoder": {**level, "use_regex": True},
        "model": model,
    }
    (folder / "tokenizer.json").write_text(json.dumps(written, ensure_ascii=False), "utf-8")
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": _NAMED[0],
        "eos_token": "<|eot_id|>",
        "pad_token": _NAMED[-1],
        "model_max_length": 131_072,
        "chat_template": templates.LLAMA_3,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config), "utf-8")
    stops = {"bos_token_id": TOKENS, "eos_token_id": [TOKENS + 1, TOKENS + 5]}
    (folder / "generation_config.json").write_text(json.dumps(stops), "utf-8")
