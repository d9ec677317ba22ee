"""Data and tokenizers that are prepared without trouble."""

import json
from typing import Any

from firstmile.lab.workbench import Workbench


def mapping_a_data_set(bench: Workbench) -> None:
    """Tokenize rows with a bar."""
    from firstmile.lab.libraries import datasets

    _, tokenizer = bench.loaded()
    rows = datasets.Dataset.from_dict({"text": bench.rows(200)})
    done = rows.map(
        lambda row: tokenizer(row["text"]), batched=True, desc="Running tokenizer on dataset"
    )
    bench.say(done)


def mapping_with_processes(bench: Workbench) -> None:
    """Tokenize rows in two processes."""
    from firstmile.lab.libraries import datasets

    rows = datasets.Dataset.from_dict({"text": bench.rows(200)})
    bench.say(rows.map(_length, num_proc=2, desc="Tokenizing train dataset"))


def _length(row: dict[str, Any]) -> dict[str, int]:
    return {"length": len(row["text"])}


def reading_json_lines(bench: Workbench) -> None:
    """Read rows from a file and split them."""
    from firstmile.lab.libraries import datasets

    file = bench.folder / "rows.jsonl"
    file.write_text("".join(json.dumps({"text": text}) + "\n" for text in bench.rows(40)))
    rows = datasets.load_dataset("json", data_files=str(file), split="train")
    bench.say(rows.train_test_split(test_size=0.1, seed=1))


def filtering_and_saving(bench: Workbench) -> None:
    """Filter, shuffle, save and read again."""
    from firstmile.lab.libraries import datasets

    rows = datasets.Dataset.from_dict({"text": bench.rows(80)})
    kept = rows.filter(lambda row: len(row["text"]) > 40).shuffle(seed=1)
    kept.save_to_disk(bench.folder / "kept")
    bench.say(datasets.load_from_disk(bench.folder / "kept"))


def tokenizing_a_long_text(bench: Workbench) -> None:
    """Tokenize more than the model takes, which is said and cut later."""
    _, tokenizer = bench.loaded()
    ids = tokenizer(" ".join(bench.rows(60)))["input_ids"]
    bench.say(f"{len(ids)} tokens, cut into pieces of 128")


def truncating_without_a_length(bench: Workbench) -> None:
    """Ask for truncation where the tokenizer knows no length."""
    _, tokenizer = bench.loaded()
    tokenizer.model_max_length = int(1e30)
    bench.say(len(tokenizer(bench.rows(2), truncation=True, padding="max_length")["input_ids"]))


def padding_by_hand(bench: Workbench) -> None:
    """Pad with the method of its own, which a fast tokenizer says is slower."""
    _, tokenizer = bench.loaded()
    held = [tokenizer(text) for text in bench.rows(3)]
    bench.say(tokenizer.pad(held, return_tensors="pt")["input_ids"].shape)


def training_a_tokenizer(bench: Workbench) -> None:
    """Train byte pairs with progress."""
    from firstmile.lab.libraries import tokenizers

    raw = tokenizers.Tokenizer(tokenizers.models.BPE(unk_token="<unk>"))  # noqa: S106 - no password
    raw.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    trainer = tokenizers.trainers.BpeTrainer(vocab_size=200, special_tokens=["<unk>", "<pad>"])
    raw.train_from_iterator(bench.rows(200), trainer)
    raw.save(str(bench.folder / "tokenizer.json"))
    bench.say(raw.encode("The weather in Paris").tokens)


def training_sentencepiece(bench: Workbench) -> None:
    """Train SentencePiece, which logs every step that it takes."""
    import importlib

    sentencepiece = importlib.import_module("sentencepiece")
    file = bench.folder / "rows.txt"
    file.write_text("\n".join(bench.rows(200)))
    sentencepiece.SentencePieceTrainer.train(
        input=str(file), model_prefix="pieces", vocab_size=180, hard_vocab_limit=False
    )


def decoding_with_special_tokens(bench: Workbench) -> None:
    """Show the pieces of a formatted chat."""
    _, tokenizer = bench.loaded()
    chat = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi."}]
    bench.say(tokenizer.apply_chat_template(chat, tokenize=False))
    ids = tokenizer.apply_chat_template(chat)
    bench.say(ids)


def streaming_rows(bench: Workbench) -> None:
    """Read rows one by one, without a table in memory."""
    from firstmile.lab.libraries import datasets

    rows = datasets.Dataset.from_dict({"text": bench.rows(20)}).to_iterable_dataset()
    for place, row in enumerate(rows.shuffle(seed=2, buffer_size=4)):
        bench.say(f"{place:3} {row['text'][:30]!r}")


def mapping_with_what_cannot_be_hashed(bench: Workbench) -> None:
    """Map with a function whose state cannot be hashed: the cache is not used."""
    import threading

    from firstmile.lab.libraries import datasets

    lock = threading.Lock()

    def counted(row: dict[str, Any]) -> dict[str, int]:
        with lock:
            return {"length": len(row["text"])}

    bench.say(datasets.Dataset.from_dict({"text": bench.rows(20)}).map(counted))
