"""Where the API is: GitHub's own, an enterprise's, or a server on this machine."""

import ipaddress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from firstmile.errors import UserError
from firstmile.study.reading.network import NetworkPolicy
from firstmile.study.reading.quoting import invisible, quoted, shown

GITHUB: Final = "https://api.github.com"
VARIABLE: Final = "FIRSTMILE_GITHUB_API"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """The roots of the REST and the GraphQL API, and what the network may do to reach them.

    `local` is true for a server on this machine, the only one that is spoken to without TLS.
    """

    rest: str
    graphql: str
    host: str
    policy: NetworkPolicy
    local: bool = False

    def holds(self, url: str) -> bool:
        """Whether an address belongs to this server: same scheme, host and port."""
        try:
            there, here = urlsplit(url), urlsplit(self.rest)
            return (there.scheme, there.hostname, there.port) == (
                here.scheme,
                here.hostname,
                here.port,
            ) and "@" not in there.netloc
        except ValueError:
            return False


def read_endpoint(api: Any = None) -> Endpoint:
    """Return the endpoint that a study.toml names by `api` (None: github.com); raises UserError.

    The address of a web site becomes that of its API as GitHub lays them out: `/api/v3` and
    `/api/graphql` below an enterprise server, `/graphql` below a host called `api.…`. A server
    that is named on purpose may have a private address; only on this machine may it do without
    https.
    """
    if api is None or is_github(api):
        return Endpoint(
            rest=GITHUB, graphql=f"{GITHUB}/graphql", host="api.github.com", policy=NetworkPolicy()
        )
    if not isinstance(api, str) or invisible(api) or any(c in api for c in " \\@?#"):
        raise UserError(f"api = {quoted(str(api))} is no usable address of a GitHub server.")
    try:
        parts = urlsplit(api)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not host:
        raise UserError(f"api = {quoted(api)} is no usable address of a GitHub server.")
    local = _is_loopback(host)
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        raise UserError(
            f"api = {quoted(api)} must begin with https://, since a token is sent there."
        )
    root = api.rstrip("/")
    named = NetworkPolicy(allows=lambda _address: True)
    here = NetworkPolicy(allows=lambda address: address.is_loopback)
    if host.startswith("api."):
        rest, graphql = root, f"{root}/graphql"
    else:
        root = root.removesuffix("/api/v3")
        rest, graphql = f"{root}/api/v3", f"{root}/api/graphql"
    return Endpoint(
        rest=rest, graphql=graphql, host=shown(host), policy=here if local else named, local=local
    )


def is_github(api: Any) -> bool:
    """Whether an address that a study.toml names is that of GitHub's own API."""
    return isinstance(api, str) and api == GITHUB


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
