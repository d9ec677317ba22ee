"""Special tokens as the files of a folder state them: their texts, their ids, what ends a text."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from firstmile.facts.model_folder.architecture import text_config
from firstmile.facts.model_folder.folder import ModelFolder
from firstmile.facts.whole_numbers import whole_number

SPECIAL_TOKENS: Final = (
    *("bos_token", "eos_token", "pad_token", "unk_token"),
    *("sep_token", "cls_token", "mask_token"),
)
"""The tokens that a tokenizer has by role."""
_FILES: Final = ("tokenizer_config.json", "special_tokens_map.json")


class Stated(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says of a role: a text or an id."""

    file: str
    key: str
    value: str | int


def content_of(token: Any) -> str | None:
    """Return a token's text, whether it stands as a text or as a set of fields."""
    content = token.get("content") if isinstance(token, Mapping) else token
    return content if isinstance(content, str) else None


def text_of(folder: ModelFolder, role: str) -> Stated | None:
    """Return the text of a role such as "eos_token"; the tokenizer's config goes first."""
    return next(texts_of(folder, role), None)


def texts_of(folder: ModelFolder, role: str) -> Iterator[Stated]:
    """Yield what each file says the text of a role is."""
    for path in _FILES:
        content = content_of((folder.document(path) or {}).get(role))
        if content is not None:
            yield Stated(file=path, key=role, value=content)


def id_of(folder: ModelFolder, content: str) -> int | None:
    """Return the id of a token by its text, as the tokenizer or its config states it."""
    if folder.tokenizer is not None:
        found = folder.tokenizer.id_of(content)
        if found is not None:
            return found
    return next((id_ for id_, text in decoder_of(folder) if text == content), None)


def text_at(folder: ModelFolder, id_: int) -> str | None:
    """Return the text of an added token by its id, or None where none is known."""
    if folder.tokenizer is not None:
        for each in folder.tokenizer.added:
            if each.id == id_:
                return each.content
        for text, place in folder.tokenizer.named.items():
            if place == id_:
                return text
    return next((text for place, text in decoder_of(folder) if place == id_), None)


def decoder_of(folder: ModelFolder) -> Iterator[tuple[int, str]]:
    """Yield the ids and texts of the `added_tokens_decoder` of the tokenizer's config."""
    stated = (folder.document("tokenizer_config.json") or {}).get("added_tokens_decoder")
    for key, token in stated.items() if isinstance(stated, Mapping) else ():
        content = content_of(token)
        id_ = whole_number(str(key))
        if content is not None and id_ is not None:
            yield id_, content


def ids_of(tree: Mapping[str, Any] | None, key: str) -> tuple[int, ...]:
    """Return the ids that a config states under a key, one or a list."""
    value = (tree or {}).get(key)
    values = value if isinstance(value, list) else [value]
    return tuple(one for one in values if isinstance(one, int) and not isinstance(one, bool))


def ids_of_configs(folder: ModelFolder, key: str) -> dict[str, tuple[int, ...]]:
    """Return the ids that config and generation config state, by file; silent ones are left out."""
    config = folder.config or {}
    stated = {
        "config.json": ids_of(config, key) or ids_of(text_config(config), key),
        "generation_config.json": ids_of(folder.document("generation_config.json"), key),
    }
    return {file: ids for file, ids in stated.items() if ids}


def stopping_ids(folder: ModelFolder, engine: str | None) -> dict[int, str]:
    """Return the ids at which an engine ends an answer, with the file that each comes from.

    transformers reads the generation config, and the model's config only where there is none;
    vLLM adds the tokenizer's end token to these, SGLang takes all three.
    """
    stated = ids_of_configs(folder, "eos_token_id")
    both = engine in ("sglang",)
    found: dict[int, str] = {}
    has_own = folder.document("generation_config.json") is not None
    for file in ("generation_config.json", "config.json"):
        if file == "config.json" and has_own and not both:
            continue
        for one in stated.get(file, ()):
            found.setdefault(one, file)
    if engine in ("vllm", "sglang"):
        end = text_of(folder, "eos_token")
        id_ = None if end is None else id_of(folder, str(end.value))
        if end is not None and id_ is not None:
            found.setdefault(id_, end.file)
    return found
