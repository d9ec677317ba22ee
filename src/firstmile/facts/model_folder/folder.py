"""The types of what is read off a model folder."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec

from firstmile.facts.environment import NotKnown

MOST_DIMENSIONS: Final = 64
"""Of a tensor that is read: sizes that are multiplied need an end, and weights have five."""
PICKLE_ENDINGS: Final = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
"""Names of files that may be pickled checkpoints."""


class Tensor(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One tensor as a header states it; `dtype` in the words of its format ("BF16", "Q4_K").

    `start` and `end` are bytes from the first byte after the header. Saved, it is a row.
    """

    name: str
    dtype: str
    shape: Annotated[tuple[int, ...], msgspec.Meta(max_length=MOST_DIMENSIONS)]
    start: int
    end: int


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file by its path within the folder.

    `kind` is "file", "link" (to a file), "outside" (a link that leaves the folder, other than
    into a Hub cache), "dangling", "special" (a pipe, a socket, a device) or "unreadable" (a plain
    file that may not be opened); `looks` says what its first bytes are: "safetensors", "gguf",
    "zip", "pickle", "json", "pointer" (of Git LFS), "html", "text", "empty" or "other".
    `named_sha256` is the hash that a Hub cache names it by, and `has_named_hash` whether its bytes
    have that hash (or git's, which names small files); None where they were not hashed.
    """

    path: str
    size_bytes: int
    kind: str
    looks: str
    named_sha256: str | None = None
    has_named_hash: bool | None = None


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A JSON file: its tree, or None and the `problem` where it cannot be read."""

    path: str
    value: Mapping[str, Any] | None
    problem: str | None = None


class ShardIndex(msgspec.Struct, frozen=True, kw_only=True):
    """An index of shards: which file holds which tensor, and the bytes it states in all."""

    path: str
    weight_map: Mapping[str, str]
    total_size: int | None


class Shard(msgspec.Struct, frozen=True, kw_only=True):
    """A safetensors file by its header; `problem` says why the header was refused.

    `header_bytes` counts the eight bytes of the length as well: tensors begin there. `metadata`
    is what stands under `__metadata__` ("format": "pt").
    """

    path: str
    size_bytes: int
    header_bytes: int
    tensors: tuple[Tensor, ...]
    problem: str | None = None
    metadata: Mapping[str, str] = msgspec.field(default_factory=dict)


class Gguf(msgspec.Struct, frozen=True, kw_only=True):
    """A GGUF file by its header. Long arrays of `metadata` stand as their length alone.

    `tensors` state offsets from the first byte of the data, at `data_start`; their shapes stand
    as GGUF has them, the fastest-moving size first. `special_tokens` are the texts of the tokens
    whose ids the metadata state, by the names of those settings.
    """

    path: str
    size_bytes: int
    version: int
    metadata: Mapping[str, Any]
    tensors: tuple[Tensor, ...]
    data_start: int
    problem: str | None = None
    big_endian: bool = False
    special_tokens: Mapping[str, str] = msgspec.field(default_factory=dict)


class Pickle(msgspec.Struct, frozen=True, kw_only=True):
    """A pickled checkpoint, disassembled and never loaded: what it would import.

    `imports` are "module.name", in order.
    """

    path: str
    size_bytes: int
    imports: tuple[str, ...]
    problem: str | None = None


class Code(msgspec.Struct, frozen=True, kw_only=True):
    """A Python file of the folder, parsed and never run: what it imports, and its classes.

    `imports` are "package" or "package.name" as written; those inside `try` or behind a test
    stand in `guarded`.
    """

    path: str
    imports: tuple[str, ...]
    guarded: tuple[str, ...]
    classes: tuple[str, ...]
    problem: str | None = None


class AddedToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token that was added to a vocabulary."""

    id: int
    content: str
    special: bool


class RoundTrip(msgspec.Struct, frozen=True, kw_only=True):
    """A text that was encoded and decoded again."""

    script: str
    text: str
    back: str
    tokens: int


class Tokenizer(msgspec.Struct, frozen=True, kw_only=True):
    """What the tokenizer files state, and what loading them showed.

    `kind` is "tokenizer.json", "sentencepiece", "tiktoken", "tekken", "vocab.json" or
    "vocab.txt"; `algorithm` "BPE", "Unigram", ... `size` counts the base vocabulary and all added
    tokens by the highest id. `loads` is None where it was not tried, and `refused` then or else
    says why; `tried_with` is the version of the library that tried. `prefix` and `suffix` are
    the ids that encoding adds before and after a text. `named` holds the ids of tokens that the
    folder's other files name, and of markers that engines look for; `others` are further files
    of the same folder that state a vocabulary.
    """

    path: str
    kind: str
    algorithm: str | None
    base_size: int | None
    size: int | None
    added: tuple[AddedToken, ...]
    pre_tokenizer: str | None = None
    normalizer: str | None = None
    post_processor: str | None = None
    version: str | None = None
    merges_as_lists: bool | None = None
    byte_fallback: bool | None = None
    loads: bool | None = None
    refused: str | None = None
    prefix: tuple[int, ...] = ()
    suffix: tuple[int, ...] = ()
    round_trips: tuple[RoundTrip, ...] = ()
    named: Mapping[str, int] = msgspec.field(default_factory=dict)
    tried_with: str | None = None
    others: tuple["Tokenizer", ...] = ()

    def id_of(self, content: str) -> int | None:
        """Return the id of an added or a named token, or None where none has this content."""
        added = next((each.id for each in self.added if each.content == content), None)
        return self.named.get(content) if added is None else added


class Rendered(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation through a template: the text, or why the template refused it."""

    conversation: str
    text: str | None
    refused: str | None = None


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A chat template: its name, the file it stands in, and what came out of conversations.

    `engine` is what rendered it; `problem` says why nothing did. `wants_parts` says that it takes
    a message's content as a list of parts alone, and was given that throughout.
    """

    name: str
    path: str
    source: str
    rendered: tuple[Rendered, ...] = ()
    problem: str | None = None
    engine: str | None = None
    wants_parts: bool = False

    def of(self, conversation: str) -> Rendered | None:
        """Return what became of a conversation, or None where it was not tried."""
        return next((one for one in self.rendered if one.conversation == conversation), None)


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """What some values of a tensor are: how many were read, and which were no use.

    `read` is None where the number type is not one that is sampled.
    """

    tensor: str
    path: str
    read: int
    nan: int
    infinite: int
    zero: int
    largest: float | None


class ModelFolder(msgspec.Struct, frozen=True, kw_only=True):
    """What could be read off a model; an empty or absent part is explained in `not_known`.

    `kind` is "transformers", "adapter", "gguf", "modelfile", "meta" (a checkpoint in parts as Meta
    publishes it, with params.json) or "unknown". `snapshot_of` names
    repository and revision where the folder is one of a Hub cache. `documents` are by path.
    """

    path: str
    kind: str
    files: tuple[File, ...] = ()
    documents: Mapping[str, Document] = msgspec.field(default_factory=dict)
    index: ShardIndex | None = None
    shards: tuple[Shard, ...] = ()
    ggufs: tuple[Gguf, ...] = ()
    pickles: tuple[Pickle, ...] = ()
    code: tuple[Code, ...] = ()
    tokenizer: Tokenizer | None = None
    templates: tuple[Template, ...] = ()
    samples: tuple[Sample, ...] = ()
    snapshot_of: str | None = None
    not_known: tuple[NotKnown, ...] = ()

    def document(self, path: str) -> Mapping[str, Any] | None:
        """Return the tree of a JSON file, or None where it is absent or broken."""
        found = self.documents.get(path)
        return None if found is None else found.value

    def file(self, path: str) -> File | None:
        """Return a file by its path, or None where it is not there."""
        return next((each for each in self.files if each.path == path), None)

    def why_not(self, part: str) -> str | None:
        """Return why a part is not known, or None where nothing was said of it."""
        return next((each.reason for each in self.not_known if each.what == part), None)

    @property
    def config(self) -> Mapping[str, Any] | None:
        """The tree of `config.json`, or None."""
        return self.document("config.json")
