"""Small models: random weights in real architectures, with tokenizers trained on the spot."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

TEXTS: Final = (
    "The quick brown fox jumps over the lazy dog.",
    "A model that was loaded answers a question about the weather in Paris.",
    "Gradient descent takes small steps along the slope of the loss.",
    "Wie warm ist es heute, und wer hat das Fenster offen gelassen?",
    "今天天气很好，我们一起去公园散步吧。",
    "Tokens are pieces of words; a vocabulary of some hundred pieces is enough here.",
    "def add(first, second):\n    return first + second",
    "Le train de nuit part à vingt heures et arrive au matin.",
)

TEMPLATE: Final = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)

_SIZES: Final[Mapping[str, Any]] = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 256,
}


_SPECIAL: Final = {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"}


def make(kind: str, folder: Path) -> None:
    """Write a model folder of a kind: "llama", "qwen2", "gpt2", or "taught".

    All have random weights; the taught one has learnt to go on with `TEXTS` and to answer a
    question about the weather with its end token, so that healthy text comes out of it.
    """
    from firstmile.lab.libraries import torch, transformers

    torch.manual_seed(7)
    tokenizer = tokenizer_of(TEXTS)
    config = CONFIGS[kind](transformers, tokenizer)
    model = transformers.AutoModelForCausalLM.from_config(config)
    if kind == "taught":
        _teach(model, tokenizer)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


QUESTION: Final = "How is the weather?"
ANSWER: Final = "It is sunny and warm in Paris today."


def _teach(model: Any, tokenizer: Any) -> None:
    from firstmile.lab.libraries import torch

    chat = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": ANSWER}]
    texts = [text + tokenizer.eos_token for text in TEXTS]
    texts.append(tokenizer.apply_chat_template(chat, tokenize=False))
    more = [{"role": "user", "content": "And tomorrow?"}, {"role": "assistant", "content": "Rain."}]
    texts.append(tokenizer.apply_chat_template([*chat, *more], tokenize=False))
    batch = tokenizer(texts, padding=True, return_tensors="pt")
    labels = batch["input_ids"].masked_fill(batch["attention_mask"] == 0, -100)
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3)
    model.train()
    for _ in range(90):
        model(**batch, labels=labels).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.eval()


def tokenizer_of(texts: tuple[str, ...]) -> Any:
    """Train a byte-level tokenizer with the special tokens and the template of a chat model."""
    from firstmile.lab.libraries import tokenizers, transformers

    raw = tokenizers.Tokenizer(tokenizers.models.BPE())
    raw.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=400,
        show_progress=False,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
    )
    raw.train_from_iterator(texts, trainer)
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=raw, **_SPECIAL, model_max_length=256
    )
    tokenizer.chat_template = TEMPLATE
    return tokenizer


def _ids(tokenizer: Any) -> dict[str, Any]:
    return {
        "vocab_size": len(tokenizer),
        "bos_token_id": None,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }


def _gpt2(transformers: Any, tokenizer: Any) -> Any:
    return transformers.GPT2Config(
        n_embd=64, n_layer=2, n_head=4, n_positions=256, **_ids(tokenizer)
    )


CONFIGS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "taught": lambda library, tokenizer: library.LlamaConfig(**_SIZES, **_ids(tokenizer)),
    "llama": lambda library, tokenizer: library.LlamaConfig(**_SIZES, **_ids(tokenizer)),
    "qwen2": lambda library, tokenizer: library.Qwen2Config(**_SIZES, **_ids(tokenizer)),
    "gpt2": _gpt2,
}
"""Kinds of models, and how each is described."""
