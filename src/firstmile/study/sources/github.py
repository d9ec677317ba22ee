"""GitHub through its API, with a token: issues with all comments, labels and closing reasons.

`repositories` lists owner/name, `organization` takes all of one's public repositories (without
forks and archived ones unless `include_forks` and `include_archived` say so). `api` is the
address of an enterprise's server, whose tokens stand in FIRSTMILE_GITHUB_ENTERPRISE_TOKENS.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from firstmile.errors import UserError
from firstmile.study.issues import Issue, Page, Record, TargetMissingError
from firstmile.study.reading.quoting import quoted
from firstmile.study.sources.finding import Collecting

if TYPE_CHECKING:
    from firstmile.study.github.client import Client

KEYS: Final[Mapping[str, bool]] = {
    "repositories": False,
    "organization": False,
    "include_forks": False,
    "include_archived": False,
    "api": False,
}
TARGET_IS_REPOSITORY: Final = True
"""Whatever name the records of a target carry, they are of one repository."""

_REPOSITORY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}/[A-Za-z0-9._-]{1,100}")
_ORGANIZATION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


def targets(collecting: Collecting) -> Sequence[str]:
    """Return the repositories; an organization's are asked for. Raises UserError."""
    options = collecting.options
    listed = options.get("repositories", [])
    if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
        raise UserError('repositories must be a list, such as ["owner/name"].')
    names = [_checked(name) for name in listed]
    if (organization := options.get("organization")) is not None:
        names += _organization(organization, collecting)
    if not names:
        raise UserError("A github source needs repositories, or an organization.")
    return list({name.lower(): name for name in names}.values())


def pages(target: str, state: Mapping[str, Any] | None, collecting: Collecting) -> Iterator[Page]:
    """Yield pages of issues, going on after `state`; raises UserError."""
    from firstmile.study.github.passes import RepositoryPass
    from firstmile.study.github.standing import Standing

    standing = Standing.read(state, target)
    with _client(target, collecting) as client:
        yield from RepositoryPass(client, target, collecting, standing).pages()


def count(targets: Sequence[str], collecting: Collecting) -> Mapping[str, int | None]:
    """Return how many issues each repository has, one request each; raises UserError.

    None where a repository cannot be had.
    """
    from firstmile.study.github.reading import Reader

    found: dict[str, int | None] = {}
    for target in targets:
        owner, _, name = target.partition("/")
        try:
            with _client(target, collecting) as client:
                found[target] = Reader(client, owner, name).numbers(None).total
        except TargetMissingError:
            found[target] = None
    return found


def issue(record: Record, fetched_at: str) -> Issue | None:
    """Return the issue of an archived record."""
    from firstmile.study.github.payload import read_issue

    return read_issue(record, fetched_at)


def _client(about: str, collecting: Collecting) -> "Client":
    from firstmile.study.github.client import LOCAL_PATIENCE, Client, Patience
    from firstmile.study.github.endpoint import VARIABLE, read_endpoint
    from firstmile.study.github.tokens import TokenPool, tokens_for

    api = collecting.options.get("api") or None
    endpoint = read_endpoint(api or os.environ.get(VARIABLE) or None)
    return Client(
        endpoint=endpoint,
        tokens=TokenPool(tokens_for(api, collecting.credentials)),
        patience=LOCAL_PATIENCE if endpoint.local else Patience(),
        say=collecting.say,
        about=about,
    )


def _checked(name: str) -> str:
    plain = name.removeprefix("https://github.com/").removesuffix(".git").strip("/")
    if not _REPOSITORY.fullmatch(plain) or plain.split("/")[1] in (".", ".."):
        raise UserError(
            f"{quoted(name)} is no name of a repository; it must be owner/name, as in its address."
        )
    return plain


def _organization(name: Any, collecting: Collecting) -> list[str]:
    from firstmile.study.github.organizations import list_repositories

    if not isinstance(name, str) or not _ORGANIZATION.fullmatch(name):
        raise UserError(f"organization = {quoted(str(name))} is no name of an organization.")
    with _client(name, collecting) as client:
        return list_repositories(
            client,
            name,
            forks=collecting.options.get("include_forks") is True,
            archived=collecting.options.get("include_archived") is True,
        )
