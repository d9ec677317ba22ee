"""Special tokens as the files of a folder state them, in whatever form."""

from typing import Any

from firstmile.check.template_worlds import tokenizer
from firstmile.check.worlds import folder
from firstmile.facts.model_folder.folder import ModelFolder
from firstmile.facts.model_folder.special_tokens import (
    id_of,
    ids_of,
    ids_of_configs,
    stopping_ids,
    text_at,
    text_of,
    texts_of,
)

CONFIG = "tokenizer_config.json"
MAP = "special_tokens_map.json"


def of(config: dict[str, Any] | None = None, **trees: Any) -> ModelFolder:
    """Return a folder of documents; names have no ending."""
    documents = {f"{name}.json": tree for name, tree in trees.items()}
    return folder(config=config, documents=documents, tokenizer=tokenizer())


def test_a_token_is_a_text_or_a_set_of_fields() -> None:
    model = of(
        tokenizer_config={"eos_token": {"content": "<|im_end|>", "lstrip": False}},
        special_tokens_map={"eos_token": "</s>", "pad_token": 3},
    )
    found = text_of(model, "eos_token")
    assert found is not None
    assert (found.file, found.value) == (CONFIG, "<|im_end|>")
    assert [one.file for one in texts_of(model, "eos_token")] == [CONFIG, MAP]
    assert text_of(model, "pad_token") is None


def test_ids_come_from_the_tokenizer_or_else_from_its_config() -> None:
    decoder = {"7": {"content": "<new>"}, "x": {"content": "<odd>"}, "8": None}
    model = of(tokenizer_config={"added_tokens_decoder": decoder})
    assert id_of(model, "<|im_end|>") == 151645
    assert id_of(model, "<new>") == 7
    assert id_of(model, "<odd>") is None
    assert text_at(model, 7) == "<new>"
    assert text_at(model, 151645) == "<|im_end|>"
    assert text_at(model, 9) is None


def test_one_id_and_a_list_of_ids_are_the_same_and_nonsense_is_none() -> None:
    assert ids_of({"eos_token_id": 2}, "eos_token_id") == (2,)
    assert ids_of({"eos_token_id": [2, "3", True, None, 4]}, "eos_token_id") == (2, 4)
    assert ids_of(None, "eos_token_id") == ()


def test_ids_of_a_model_that_sees_stand_in_its_text_part() -> None:
    text = {"eos_token_id": 5, "hidden_size": 8, "vocab_size": 9}
    assert ids_of_configs(of({"text_config": text}), "eos_token_id") == {"config.json": (5,)}


def test_each_engine_stops_where_it_reads() -> None:
    model = of(
        {"eos_token_id": 1},
        generation_config={"eos_token_id": [2]},
        tokenizer_config={"eos_token": "<|im_end|>"},
    )
    assert list(stopping_ids(model, "transformers")) == [2]
    assert list(stopping_ids(model, None)) == [2]
    assert list(stopping_ids(model, "vllm")) == [2, 151645]
    assert list(stopping_ids(model, "sglang")) == [2, 1, 151645]


def test_without_a_generation_config_the_config_counts() -> None:
    model = of({"eos_token_id": [1, 7]}, tokenizer_config={})
    assert stopping_ids(model, "transformers") == {1: "config.json", 7: "config.json"}
