"""Addresses given as a source, checked before anything is connected."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit, urlunsplit

from firstmile.errors import UserError
from firstmile.study.reading.quoting import invisible, quoted, shown

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_PROJECT: Final = re.compile(r"/([A-Za-z0-9-]+)/([A-Za-z0-9._-]+?)(?:\.git)?/?")
_LONGEST: Final = 2000


@dataclass(frozen=True, slots=True)
class WebAddress:
    """An https address; `full` is what is asked for, `plain` what may be shown and stored."""

    full: str
    host: str
    name: str

    @property
    def plain(self) -> str:
        """The address without query and fragment, which may hold secrets."""
        parts = urlsplit(self.full)
        return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))


def is_address(source: str) -> bool:
    """Whether a source is an address and no path."""
    return _SCHEME.match(source) is not None


def read_address(source: str) -> WebAddress:
    """Check an address; raises UserError.

    The address of a repository on github.com becomes that of the archive of its default branch.
    """
    if len(source) > _LONGEST or invisible(source) or " " in source or "\\" in source:
        raise UserError(f"{quoted(source)} is no usable address; check it.")
    try:
        parts = urlsplit(source)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise UserError(f"{quoted(source)} is no usable address; check it.") from None
    if parts.scheme.lower() != "https":
        raise UserError(
            f"{shown(_without_secrets(parts))} is not https; give an https address, or download "
            "it yourself and give the file."
        )
    if "@" in parts.netloc:
        raise UserError(
            f"The address of {shown(host)} holds a user name or password; leave it out, or "
            "download it yourself and give the file."
        )
    if not host or port == 0:
        raise UserError(f"{quoted(_without_secrets(parts))} names no host; check it.")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    name = PurePosixPath(unquote(path)).name or host
    if host.lower() in ("github.com", "www.github.com") and (found := _PROJECT.fullmatch(path)):
        path, name = f"/{found[1]}/{found[2]}/archive/HEAD.zip", f"{found[2]}.zip"
        parts = parts._replace(query="")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    full = urlunsplit(("https", _ascii_host(host, port), path, query, ""))
    return WebAddress(full=full, host=host, name=name)


def redirected(address: WebAddress, location: str) -> WebAddress:
    """Return where a redirect leads; raises UserError as `read_address` does."""
    target = read_address(urljoin(address.full, location))
    return WebAddress(full=target.full, host=target.host, name=address.name)


def _ascii_host(host: str, port: int | None) -> str:
    try:
        plain = host if ":" in host else host.encode("idna").decode("ascii")
    except UnicodeError:
        raise UserError(f"{quoted(host)} is no name of a host; check the address.") from None
    plain = f"[{plain}]" if ":" in plain else plain
    return plain if port in (None, 443) else f"{plain}:{port}"


def _without_secrets(parts: SplitResult) -> str:
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
