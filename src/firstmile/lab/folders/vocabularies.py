"""Small vocabularies, trained on the spot: byte-level BPE, sentencepiece, Unigram, tekken."""

import base64
import importlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from firstmile.lab.small_models import TEXTS

SIZE: Final = 400


def byte_level(
    special: Sequence[str],
    *,
    template: str | None = None,
    starts: bool = False,
    parts: bool = False,
    **named: str,
) -> Any:
    """Return a byte-level tokenizer; `named` are its special tokens by role: bos, eos, pad.

    `parts` says that words are parted as Qwen parts them, `starts` that encoding begins with
    the start token, as it does for Llama 3.
    """
    from firstmile.lab.libraries import tokenizers

    raw = tokenizers.Tokenizer(tokenizers.models.BPE())
    plain = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.pre_tokenizer = _as_qwen(tokenizers) if parts else plain
    raw.decoder = tokenizers.decoders.ByteLevel()
    if parts:
        raw.normalizer = tokenizers.normalizers.NFC()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=SIZE,
        show_progress=False,
        special_tokens=list(special),
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
    )
    raw.train_from_iterator(TEXTS, trainer)
    if starts:
        start = named["bos"]
        raw.post_processor = tokenizers.processors.TemplateProcessing(
            single=f"{start} $A",
            pair=f"{start} $A {start} $B",
            special_tokens=[(start, raw.token_to_id(start))],
        )
    return _wrapped(raw, template, named)


def _as_qwen(library: Any) -> Any:
    """Return the pre-tokenizer that transformers builds for Qwen 2, whatever the file says."""
    qwen = importlib.import_module("transformers.models.qwen2.tokenization_qwen2")
    split = library.pre_tokenizers.Split(library.Regex(qwen.PRETOKENIZE_REGEX), "isolated")
    level = library.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    return library.pre_tokenizers.Sequence([split, level])


def unigram(special: Sequence[str], *, template: str | None = None, **named: str) -> Any:
    """Return a Unigram tokenizer over words with bytes to fall back to."""
    from firstmile.lab.libraries import tokenizers

    raw = tokenizers.Tokenizer(tokenizers.models.Unigram())
    raw.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.UnigramTrainer(
        vocab_size=SIZE,
        show_progress=False,
        special_tokens=list(special),
        unk_token="<unk>",  # noqa: S106 - a token of a vocabulary
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
    )
    raw.train_from_iterator(TEXTS, trainer)
    return _wrapped(raw, template, named)


def _wrapped(raw: Any, template: str | None, named: dict[str, str]) -> Any:
    from firstmile.lab.libraries import transformers

    wrapped = transformers.PreTrainedTokenizerFast(
        tokenizer_object=raw,
        model_max_length=4096,
        **{f"{role}_token": token for role, token in named.items()},
    )
    wrapped.chat_template = template
    return wrapped


def write_sentencepiece(folder: Path, *, algorithm: str = "bpe") -> None:
    """Train a sentencepiece model with bytes to fall back to: `tokenizer.model`."""
    from firstmile.lab.libraries import sentencepiece

    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXTS * 3),
        model_prefix=str(folder / "tokenizer"),
        vocab_size=420,
        model_type=algorithm,
        byte_fallback=True,
        character_coverage=1.0,
        hard_vocab_limit=False,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        allow_whitespace_only_pieces=True,
        split_digits=True,
        minloglevel=2,
    )
    (folder / "tokenizer.vocab").unlink()


def sentencepiece_tokenizer(folder: Path, *, template: str | None = None) -> Any:
    """Train one in a folder and return it as transformers converts it for Llama 2."""
    from firstmile.lab.libraries import transformers

    write_sentencepiece(folder)
    settings = {
        "tokenizer_class": "LlamaTokenizer",
        "bos_token": "<s>",
        "eos_token": "</s>",
        "unk_token": "<unk>",
        "add_bos_token": True,
        "add_eos_token": False,
        "model_max_length": 4096,
    }
    (folder / "config.json").write_text(json.dumps({"model_type": "llama"}))
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    made = transformers.AutoTokenizer.from_pretrained(folder)
    made.chat_template = template
    return made


def write_tekken(folder: Path, special: Sequence[str], *, size: int = SIZE) -> None:
    """Write a `tekken.json` as Mistral's models bring it: bytes in base 64, ranks, a pattern."""
    tokens = [bytes([each]) for each in range(256)]
    words = sorted({word for text in TEXTS for word in text.split()})
    tokens += [f" {word}".encode() for word in words][: size - len(special) - len(tokens)]
    vocabulary = [
        {
            "rank": rank,
            "token_bytes": base64.b64encode(token).decode(),
            "token_str": token.decode("utf-8", "replace"),
        }
        for rank, token in enumerate(tokens)
    ]
    held = {
        "config": {
            "pattern": r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s+",
            "num_vocab_tokens": len(tokens),
            "default_vocab_size": len(tokens) + len(special),
            "default_num_special_tokens": len(special),
            "version": "v3",
        },
        "vocab": vocabulary,
        "special_tokens": [
            {"rank": rank, "token_str": text, "is_control": True}
            for rank, text in enumerate(special)
        ],
    }
    (folder / "tekken.json").write_text(json.dumps(held), encoding="utf-8")
