"""The codebook that a source brings along: of a published folder, or named by a study.toml."""

import hashlib
import json
from pathlib import Path, PurePosixPath
from typing import Any, Final

from msgspec.structs import replace

from firstmile.errors import UserError
from firstmile.rendering.inert import visible
from firstmile.study.reading.ceilings import MIB
from firstmile.study.reading.folders import Container, NamedFiles
from firstmile.study.reading.quoting import LONGEST, shown
from firstmile.study.reading.streams import read_document
from firstmile.taxonomy import Origin, Taxonomy, packaged_taxonomy
from firstmile.taxonomy.published import FILE, parse_published, without_examples
from firstmile.taxonomy.terms import FOLDERS, HEAD, parse_taxonomy

PUBLICATION: Final = "publication.json"
"""The file by which a folder that firstmile published says what it is."""

_FORMAT: Final = "firstmile-publication-"
_MOST_BYTES: Final = 4 * MIB
"""Of one file of a codebook."""
_MOST_FILES: Final = 200
_BROKEN: Final = (ValueError, KeyError, TypeError, AttributeError, RecursionError)


def publication(container: Container) -> dict[str, Any] | None:
    """Return what a published folder says of itself; None where the container is none."""
    if not container.has(PUBLICATION):
        return None
    try:
        said = json.loads(_bytes(container, PUBLICATION))
    except (UserError, ValueError, RecursionError):
        return None
    ours = isinstance(said, dict) and str(said.get("format", "")).startswith(_FORMAT)
    return said if ours else None


def codebook_of(container: Container, named: str | None) -> Taxonomy:
    """Return the codebook that labels are from; raises UserError where it cannot be used.

    That is the one that a study.toml names, else the one of a published folder, else the one that
    comes along with firstmile; it is also returned where the source brings the very same one.
    """
    if named is not None:
        if not named.endswith(".json"):
            return _own(_folder(container, named))
        return _own(_file(container, named, f"the codebook {PurePosixPath(named).name}"))
    said = publication(container)
    if said is None or not container.has(FILE):
        return packaged_taxonomy()
    study = said.get("name")
    name = "the study's codebook"
    if isinstance(study, str) and study.strip():
        name = f"the codebook of {shown(' '.join(study.split()))}"
    return _own(_file(container, FILE, name))


def codebook_around(path: Path) -> Taxonomy:
    """Return the codebook of the published folder in which a file or folder lies.

    What is published lies at its top or in one folder below it.
    """
    whole = path.resolve()
    for folder in (whole, whole.parent):
        near = NamedFiles(folder)
        if publication(near) is not None:
            return codebook_of(near, None)
    return packaged_taxonomy()


def _own(read: Taxonomy) -> Taxonomy:
    packaged = packaged_taxonomy()
    bare = without_examples(packaged)
    same = without_examples(read).terms == bare.terms and read.version == packaged.version
    return packaged if same else read


def _file(container: Container, file: str, name: str) -> Taxonomy:
    if not container.has(file):
        raise UserError(f"{shown(file)} is not there; name a codebook that is.")
    data = _bytes(container, file)
    try:
        read = parse_published(data)
    except UserError as error:
        raise _unfit(file, error) from error
    origin = Origin(name=name, file=shown(file), sha256=hashlib.sha256(data).hexdigest())
    return replace(read, origin=origin)


def _folder(container: Container, folder: str) -> Taxonomy:
    names = [f"{folder}/{HEAD}"]
    for below in FOLDERS.values():
        names += [n for n in container.inside(f"{folder}/{below}") if n.endswith(".toml")]
    if not container.has(names[0]):
        raise UserError(
            f"{shown(folder)} holds no {HEAD}; name the folder of a codebook, or its {FILE}."
        )
    if len(names) > _MOST_FILES:
        raise UserError(f"{shown(folder)} holds more than {_MOST_FILES} files of terms.")
    texts, sums = {}, []
    for name in names:
        data = _bytes(container, name)
        inside = name[len(folder) + 1 :]
        sums.append(f"{hashlib.sha256(data).hexdigest()}  {inside}\n")
        texts[inside] = data.decode()
    try:
        read = parse_taxonomy(texts)
    except UserError as error:
        raise _unfit(folder, error) from error
    except _BROKEN as error:
        reason = UserError(f"{shown(type(error).__name__)}: {shown(str(error))}.")
        raise _unfit(folder, reason) from error
    checksum = hashlib.sha256("".join(sorted(sums, key=lambda one: one[66:])).encode())
    origin = Origin(
        name=f"the codebook {shown(PurePosixPath(folder).name)}",
        file=shown(f"{folder}/"),
        sha256=checksum.hexdigest(),
    )
    return replace(read, origin=origin)


def _unfit(place: str, error: UserError) -> UserError:
    reason = visible(str(error))
    cut = reason if len(reason) <= 4 * LONGEST else reason[: 4 * LONGEST - 1] + "…"
    return UserError(f"{shown(place)} cannot be used as a codebook: {cut}")


def _bytes(container: Container, name: str) -> bytes:
    return read_document(container.open(name, ceiling=_MOST_BYTES))
