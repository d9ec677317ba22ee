"""A repository of the Hub as a model folder: its list of files, small files, and headers.

Read only when asked. Of weights the header alone comes, by range requests; pickles, pictures and
other large files are listed and never fetched. Source of the addresses: the Hub's API
(`/api/models/<id>/revision/<revision>?blobs=true`, `/<id>/resolve/<commit>/<path>`), as
huggingface_hub's HfApi.model_info and hf_hub_url have them.
"""

import contextlib
import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlsplit

import msgspec
from msgspec.structs import replace

from firstmile.errors import UserError
from firstmile.facts.environment import NotKnown
from firstmile.facts.machine import UnreadableError
from firstmile.facts.model_folder.documents import LARGEST_INDEX
from firstmile.facts.model_folder.folder import (
    Code,
    File,
    Gguf,
    ModelFolder,
    Pickle,
    Shard,
    Template,
    Tokenizer,
)
from firstmile.facts.model_folder.locating import is_repository, is_revision
from firstmile.facts.model_folder.source import MOST_FILES, MOST_LEVELS, Source
from firstmile.facts.web import MIB, Ceilings, RefusedError, Web

Part = TypeVar("Part", Shard, Gguf, Pickle, Code, Template, Tokenizer)

HUB: Final = "https://huggingface.co"
LARGEST_LIST: Final = 16 * MIB
MOST_PARTS: Final = 10 * MOST_FILES
"""Objects and lists in that, of which a file takes two: each needs far more room than its bytes."""
MOST_SMALL_BYTES: Final = 20 * MIB
"""Of configs, templates and tokenizer files together."""
FIRST_BYTES: Final = 128 * 1024
"""Of a header, asked for at first: most are shorter, and one request is enough."""
AT_ONCE: Final = 8
_NOT_FETCHED: Final = "it is not fetched from the Hub"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_SMALL: Final = (".json", ".jinja", ".txt", ".model", ".tiktoken", ".py")
_LARGE: Final = (".safetensors", ".gguf")
_LOOKS: Final = {
    **dict.fromkeys((".json",), "json"),
    **dict.fromkeys((".txt", ".md", ".py", ".jinja", ".tiktoken"), "text"),
    **dict.fromkeys((".bin", ".pt", ".pth"), "zip"),
    ".safetensors": "safetensors",
    ".gguf": "gguf",
}
"""What files look like by their names, since their first bytes are not fetched."""


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A repository of the Hub: owner/name, and the revision that is asked for."""

    repository: str
    revision: str = "main"


def named_repository(text: str) -> Named | None:
    """Return what `owner/name` or `owner/name@revision` names; None for anything else."""
    repository, mark, revision = text.partition("@")
    if not is_repository(repository):
        return None
    if not mark:
        return Named(repository=repository)
    return Named(repository=repository, revision=revision) if is_revision(revision) else None


class HubSource(Source):
    """A repository that is read in pieces over the network; what came is kept."""

    def __init__(self, named: Named, web: Web, *, hub: str = HUB) -> None:
        """Ask for the list of files; raises UserError where the Hub gives none."""
        self.root = Path(named.repository)
        self.cut = False
        self.unfetched: dict[str, str] = {}
        """Files that were wanted and did not come, with the reason: nothing is wrong with them."""
        self._web = web
        self._small_left = MOST_SMALL_BYTES
        self._beginnings: dict[str, bytes] = {}
        self._begun: set[str] = set()
        self._lock = threading.Lock()
        self._hub = hub
        self._named = named
        listed = _listed(named, web, hub)
        self._commit: str = listed["sha"]
        self._files = {file.path: file for file in self._usable(listed.get("siblings"))}

    def _usable(self, siblings: Any) -> Iterator[File]:
        for count, each in enumerate(siblings if isinstance(siblings, list) else []):
            if count >= MOST_FILES:
                self.cut = True
                return
            file = _file(each)
            if file is not None:
                yield file

    def listed(self) -> tuple[File, ...]:
        """Return the files as the Hub's list has them."""
        return tuple(file for _, file in sorted(self._files.items()))

    def paths(self) -> tuple[str, ...]:
        """Return the paths of the files, in order."""
        return tuple(sorted(self._files))

    def kind(self, path: str) -> str:
        """Return "file" for what the list has."""
        return "file" if path in self._files else "dangling"

    def size(self, path: str) -> int:
        """Return a file's size as the list has it; raises UnreadableError."""
        return self._known(path).size_bytes

    def readable(self, path: str) -> bool:
        """Say whether the list has a file."""
        return path in self._files

    def real_name(self, path: str) -> str:
        """Return the hash that the Hub keeps a large file by, else nothing."""
        return self._known(path).named_sha256 or ""

    def revision(self) -> str | None:
        """Name repository and commit."""
        return f"{self._named.repository} at {self._commit}"

    @contextlib.contextmanager
    def handle(self, path: str) -> Iterator[int]:
        """Raise UnreadableError: there is no file here that could be opened."""
        yield self._descriptor(path)

    def _descriptor(self, path: str) -> int:
        if path.endswith(_LARGE):
            raise UnreadableError(_NOT_FETCHED)
        raise self._not_fetched(path, _NOT_FETCHED)

    def _not_fetched(self, path: str, reason: str) -> UnreadableError:
        with self._lock:
            self.unfetched.setdefault(path, reason)
        return UnreadableError(reason)

    def read(self, path: str, *, start: int = 0, length: int) -> bytes:
        """Return at most so many bytes of a file; raises UnreadableError."""
        size = self._known(path).size_bytes
        end = min(start + length, size)
        known = self._beginnings.get(path)
        if known is None and path.endswith(_LARGE) and path not in self._begun:
            self._fetch_beginnings(path)
            known = self._beginnings.get(path)
        elif known is None and not path.endswith(_LARGE):
            known = self._small(path, size)
        if known is not None and end <= len(known):
            return known[start:end]
        if not path.endswith(_LARGE):
            raise self._not_fetched(path, "the Hub sent less than its list says")
        data = (known or b"") + self._get(path, len(known or b""), end - len(known or b""))
        with self._lock:
            self._beginnings[path] = data
        return data[start:end]

    def _known(self, path: str) -> File:
        found = self._files.get(path)
        if found is None:
            raise UnreadableError("the repository has no such file")
        return found

    def _small(self, path: str, size: int) -> bytes:
        if not path.endswith(_SMALL):
            raise self._not_fetched(path, _NOT_FETCHED)
        if path.endswith(".index.json"):
            is_allowed = size <= LARGEST_INDEX
        else:
            with self._lock:
                is_allowed = size <= self._small_left
                self._small_left -= size if is_allowed else 0
        if not is_allowed:
            most = f"{MOST_SMALL_BYTES // MIB} MiB of small files"
            raise self._not_fetched(path, f"{_NOT_FETCHED}: more than {most} are not")
        data = self._get(path, 0, size) if size else b""
        with self._lock:
            self._beginnings[path] = data
        return data

    def _fetch_beginnings(self, wanted: str) -> None:
        """Fetch the first bytes of all files of weights of one kind, several at once."""
        ending = wanted[wanted.rindex(".") :]
        paths = [
            path
            for path in self.paths()
            if path.endswith(ending) and "/" not in path and path not in self._begun
        ]
        if ending == ".gguf" or wanted not in paths:
            paths = [wanted]
        self._begun.update(paths)

        def fetch(path: str) -> None:
            with contextlib.suppress(UnreadableError):
                found = self._get(path, 0, min(FIRST_BYTES, self._files[path].size_bytes))
                with self._lock:
                    self._beginnings[path] = found

        if len(paths) == 1:
            fetch(wanted)
            return
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(fetch, paths))

    def _get(self, path: str, start: int, length: int) -> bytes:
        if length <= 0:
            return b""
        address = f"{self._hub}/{self._named.repository}/resolve/{self._commit}/{quote(path)}"
        try:
            return self._web.get(address, start=start, length=length)
        except RefusedError as error:
            raise self._not_fetched(path, _why(error.status)) from error
        except UnreadableError as error:
            raise self._not_fetched(path, str(error)) from error


def read_repository(
    named: Named,
    *,
    token: str | None = None,
    hub: str = HUB,
    ceilings: Ceilings | None = None,
) -> ModelFolder:
    """Read a repository of the Hub as a model folder.

    `token` goes to `hub` alone. What did not come stands in `not_known`, and is no fault of the
    model. Raises UserError where the list of files is not given, or a config does not come.
    """
    from firstmile.facts.model_folder.reading import read_model_folder

    if token is not None and not (token.isascii() and token.isprintable() and " " not in token):
        raise UserError("HF_TOKEN holds a character that no token has: copy it again.")
    web = Web(ceilings=ceilings or Ceilings(), token=token or None, token_host=urlsplit(hub).netloc)
    source = HubSource(named, web, hub=hub)
    return _without(read_model_folder(Path(named.repository), source=source), source.unfetched)


def _without(model: ModelFolder, unfetched: Mapping[str, str]) -> ModelFolder:
    """Leave out what did not come, and say so."""
    for path, reason in unfetched.items():
        if path in model.documents:
            raise UserError(f"{path} of {model.path} did not come from the Hub: {reason}.")
    missing = [each for each in model.not_known if each.what != "samples"]

    def came(what: str, parts: Sequence[Part]) -> tuple[Part, ...]:
        gone = sorted({each.path for each in parts} & unfetched.keys())
        if gone:
            reason = f"{gone[0]} ({len(gone):,} of {len(parts):,}): {unfetched[gone[0]]}"
            missing.append(NotKnown(what=what, reason=reason))
        return tuple(each for each in parts if each.path not in unfetched)

    tokenizer = model.tokenizer
    if tokenizer is not None:
        others = came("tokenizer", tokenizer.others)
        if tokenizer.path in unfetched:
            why = unfetched[tokenizer.path]
            missing.append(NotKnown(what="tokenizer", reason=f"{tokenizer.path}: {why}"))
            tokenizer = None
        else:
            tokenizer = replace(tokenizer, others=others)
    shards = came("shards", model.shards)
    ggufs = came("ggufs", model.ggufs)
    if shards or ggufs:
        missing.append(NotKnown(what="samples", reason="values are not fetched from the Hub"))
    return replace(
        model,
        tokenizer=tokenizer,
        shards=shards,
        ggufs=ggufs,
        pickles=came("pickles", model.pickles),
        code=came("code", model.code),
        templates=came("templates", model.templates),
        not_known=tuple(sorted(missing, key=lambda one: one.what)),
    )


def _listed(named: Named, web: Web, hub: str) -> dict[str, Any]:
    revision = quote(named.revision, safe="")
    address = f"{hub}/api/models/{named.repository}/revision/{revision}?blobs=true"
    shown = f"{named.repository} (revision {named.revision})"
    try:
        data = web.get(address, length=LARGEST_LIST, whole=True)
        if data.count(b"{") + data.count(b"[") > MOST_PARTS:
            raise UnreadableError(f"its list has more than {MOST_PARTS:,} parts")
        found: Any = json.loads(data)
    except RefusedError as error:
        raise UserError(f"{shown} cannot be read: {_why(error.status)}.") from error
    except UnreadableError as error:
        raise UserError(
            f"{shown} cannot be read from the Hub: {error}; try again, or download it and name "
            "its folder."
        ) from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"{shown} cannot be read: the Hub answered with no JSON.") from error
    commit = found.get("sha") if isinstance(found, dict) else None
    if not isinstance(commit, str) or not _COMMIT.fullmatch(commit):
        raise UserError(f"{shown} cannot be read: the Hub's answer is no list of files.")
    return dict(found)


def _why(status: int) -> str:
    if status in (401, 403):
        return (
            f"the Hub refuses it ({status}): it is gated, private or not there; accept its terms "
            "on its page and put a token that may read it into HF_TOKEN"
        )
    if status == 404:
        return "the Hub has no such repository, revision or file (404)"
    if status == 429:
        return "the Hub answers no more questions for now (429): try again later"
    return f"the Hub answered with status {status}: try again later"


def _file(each: Any) -> File | None:
    """Return a file of the Hub's list; None for one whose path or size no folder has."""
    if not isinstance(each, dict):
        return None
    path, size, large = each.get("rfilename"), each.get("size"), each.get("lfs")
    if not isinstance(path, str) or not _is_usable(path.split("/"), path):
        return None
    if isinstance(size, bool) or not isinstance(size, int) or not 0 <= size < 2**60:
        return None
    sha256 = large.get("sha256") if isinstance(large, dict) else None
    is_hash = isinstance(sha256, str) and _SHA256.fullmatch(sha256) is not None
    ending = path[path.rindex(".") :] if "." in path else ""
    return File(
        path=path,
        size_bytes=size,
        kind="file",
        looks=_LOOKS.get(ending, "other") if size else "empty",
        named_sha256=str(sha256) if is_hash else None,
    )


def _is_usable(parts: Sequence[str], path: str) -> bool:
    if len(path) > 500 or len(parts) > MOST_LEVELS + 1 or not path.isprintable() or "\\" in path:
        return False
    return all(part and part not in (".", "..") for part in parts) and not any(
        part.startswith(".") for part in parts[:-1]
    )
