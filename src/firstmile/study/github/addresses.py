"""Addresses of issues: taken apart with care, put together in one form, since they are keys."""

import re
from typing import Final, NamedTuple

GITHUB: Final = "github.com"
_ADDRESS: Final = re.compile(
    r"https?://(?P<host>[^/\s]+)/(?:api/v3/)?(?:repos/)?"
    r"(?P<repository>(?!\.{1,2}/)[A-Za-z0-9_.-]+/(?!\.{1,2}/)[A-Za-z0-9_.-]+)"
    r"/(?P<kind>issues|pull|pulls|discussions)/(?P<number>\d{1,12})(?![0-9])",
    re.ASCII,
)
_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::\d{1,5})?", re.ASCII)


class Address(NamedTuple):
    """The parts of an address on a web site or an API of GitHub."""

    host: str
    repository: str
    number: int
    is_pull_request: bool = False


def read_address(written: str | None) -> Address | None:
    """Return the parts of an issue's address, None where it is none.

    What follows the number, such as a comment's fragment, is left out; an API's host is read as
    that of its site. A host that is no plain name is read as github.com.
    """
    found = _ADDRESS.match(written or "")
    if found is None:
        return None
    host = found["host"].lower().removeprefix("api.").removeprefix("www.")
    return Address(
        host=host if _HOST.fullmatch(host) else GITHUB,
        repository=found["repository"],
        number=int(found["number"]),
        is_pull_request=found["kind"] in ("pull", "pulls"),
    )


def issue_url(repository: str, number: int, *written: str | None) -> str:
    """Return an issue's address, on the host of the first of `written` that is one.

    Nothing else of what was written comes through: the address is a link on every page, and the
    key of all decisions.
    """
    read = (read_address(one) for one in written)
    host = next((address.host for address in read if address), GITHUB)
    return f"https://{host}/{repository}/issues/{number}"
