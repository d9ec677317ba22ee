"""What every request has to pass before a page sees it, and the headers every answer carries.

The server listens on loopback, but any page that a rater has open elsewhere can send requests
there. So the Host must be ours (a foreign name that resolves to loopback is turned away), the
browser must say that the request comes from our own pages, and a rater's cookie must be there.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from firstmile.ui.web.passes import Passes

BODY_CEILING: Final = 64 * 1024
SECONDS_FOR_A_BODY: Final = 20
LONGEST_PASS: Final = 128
"""Characters of a cookie's value beyond which it is no pass of ours."""

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
)
HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
ENTRANCE: Final = "/enter"
ASSETS: Final = "/assets/"


class _RefusedError(Exception):
    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True, kw_only=True)
class Doors:
    """Who may come in: allowed hosts and origins, and the cookie that says who somebody is.

    `owner_of` tells whose a link's token is, `passes` what the cookie of this run holds.
    """

    hosts: frozenset[str]
    origins: frozenset[str]
    cookie: str
    owner_of: Callable[[str], str | None] = field(repr=False)
    passes: Passes = field(repr=False)


class Guard:
    """The outermost layer: checks a request, hands it on with its rater, seals the answer."""

    def __init__(self, app: ASGIApp, doors: Doors) -> None:
        self._app = app
        self._doors = doors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            scope["rater"] = self._rater(scope)
            body = await self._body(scope, receive)
        except _RefusedError as error:
            await refusal(scope, error.status, str(error))(scope, receive, sealed)
            return
        await self._app(scope, _replayed(body, receive), sealed)

    def _rater(self, scope: Scope) -> str | None:
        """Return whose request this is; raises where it may not pass."""
        headers, path = Headers(scope=scope), scope["path"]
        if headers.get("host", "").lower() not in self._doors.hosts:
            raise _RefusedError(
                421, "This address is not served here: use the link that was printed."
            )
        method = scope["method"]
        if method not in ("GET", "HEAD", "POST"):
            raise _RefusedError(405, "Only GET, HEAD and POST are answered here.")
        if path == ENTRANCE and method == "GET":
            return None
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            raise _RefusedError(403, "Another page asked for this: open your own link instead.")
        if "origin" in headers and headers["origin"] not in self._doors.origins:
            raise _RefusedError(403, "Another page asked for this: open your own link instead.")
        if method == "POST":
            if "origin" not in headers:
                raise _RefusedError(403, "A decision needs an Origin header, as browsers send it.")
            if headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
                raise _RefusedError(415, "A decision is sent as application/json.")
        if path.startswith(ASSETS):
            return None
        passes, name = self._doors.passes, self._doors.cookie
        known = (passes.rater_of(given) for given in _values(headers.getlist("cookie"), name))
        rater = next((rater for rater in known if rater is not None), None)
        if rater is None:
            raise _RefusedError(
                401,
                "Open your own link first, and again whenever the server was started anew: "
                "firstmile serve printed it.",
            )
        return rater

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        """Read the body, which must be small; only a POST has one."""
        if scope["method"] != "POST":
            return b""
        stated = Headers(scope=scope).get("content-length", "0")
        if not stated.isdecimal() or int(stated) > BODY_CEILING:
            raise _RefusedError(413, f"A decision may take {BODY_CEILING // 1024} KiB at most.")
        body = bytearray()
        with anyio.move_on_after(SECONDS_FOR_A_BODY):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    raise _RefusedError(400, "The request ended early.")
                body += message.get("body", b"")
                if len(body) > BODY_CEILING:
                    raise _RefusedError(
                        413, f"A decision may take {BODY_CEILING // 1024} KiB at most."
                    )
                if not message.get("more_body"):
                    return bytes(body)
        raise _RefusedError(408, "The request took too long to arrive.")


def refusal(scope: Scope, status: int, sentence: str) -> Response:
    """Return an answer that says in one sentence why there is no page."""
    if wants_json(scope):
        return JSONResponse({"error": sentence}, status)
    return PlainTextResponse(sentence + "\n", status)


def wants_json(scope: Scope) -> bool:
    """Whether a request asks for a page's JSON twin."""
    accepted = Headers(scope=scope).get("accept", "")
    return bool(
        scope["path"].endswith(".json")
        or scope["method"] == "POST"
        or accepted.split(",")[0].split(";")[0].strip() == "application/json"
    )


def _values(headers: list[str], name: str) -> Iterator[str]:
    """Return what a request's cookies of our name hold.

    Other servers on this machine set cookies of any form, and browsers send them here too. So
    nothing is asked of the rest. A name may come twice, such as from another path.
    """
    for header in headers:
        for pair in header.split(";"):
            found, _, value = pair.strip(" \t").partition("=")
            if found == name and len(value) <= LONGEST_PASS:
                yield value


def _replayed(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replay() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
