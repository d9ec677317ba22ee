"""Requests to GitHub that answer, or say in one sentence why they cannot."""

import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, TypeVar

import httpx

from firstmile import __version__
from firstmile.errors import UserError
from firstmile.study.github.endpoint import Endpoint
from firstmile.study.github.errors import GraphQLProblem, PassingError, read_problems
from firstmile.study.github.limits import Limit, read_limit, retry_after
from firstmile.study.github.tokens import HOW_TO_GET, Refusal, Token, TokenPool
from firstmile.study.github.transport import CheckedTransport
from firstmile.study.issues import TargetMissingError
from firstmile.study.reading.ceilings import MIB
from firstmile.study.reading.quoting import quoted, shown

LARGEST_ANSWER: Final = 256 * MIB
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_HEAVY: Final = frozenset({502, 504})
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often and how long to try; `sleep` and `now` are the clock.

    A request is tried `attempts` times more, after pauses that double from `first_pause` to
    `longest_pause`. `limits` is how often in a row a limit may be met, and `longest_wait` how
    long one may last, in seconds: GitHub's windows are an hour.
    """

    attempts: int = 10
    first_pause: float = 1.0
    longest_pause: float = 60.0
    limits: int = 6
    longest_wait: float = 3_900.0
    request_seconds: float = 120.0
    read_seconds: float = 30.0
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time


LOCAL_PATIENCE: Final = Patience(first_pause=0.01, longest_pause=0.2)
"""For a server on this machine, which needs no courtesy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: a status, headers in small letters and the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body's content; raises PassingError where it is cut short or no JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise PassingError("sends answers that are cut short") from error

    @property
    def message(self) -> str:
        """What GitHub says of an error, empty where it says nothing."""
        try:
            content = json.loads(self.body)
        except (ValueError, RecursionError):
            return ""
        message = content.get("message") if isinstance(content, dict) else None
        return message if isinstance(message, str) else ""


@dataclass(slots=True)
class Client:
    """A session with one server; counts its requests and the bytes that came."""

    endpoint: Endpoint
    tokens: TokenPool
    patience: Patience
    say: Callable[[str], None]
    about: str
    requests: int = 0
    received: int = 0
    _http: httpx.Client = field(init=False, repr=False)

    def __post_init__(self) -> None:
        policy = replace(
            self.endpoint.policy,
            max_seconds=self.patience.request_seconds,
            read_seconds=self.patience.read_seconds,
        )
        self._http = httpx.Client(
            transport=CheckedTransport(
                policy, self.endpoint.host, secure=self.endpoint.rest.startswith("https:")
            ),
            headers={
                "User-Agent": f"firstmile/{__version__}",
                "Accept": "application/vnd.github+json",
                "X-GitHub-Api-Version": "2022-11-28",
            },
            timeout=self.patience.read_seconds,
            trust_env=False,
            follow_redirects=False,
        )

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def persist(self, call: Callable[[], _Found], ease: Callable[[PassingError], None]) -> _Found:
        """Call until it works; `ease` is told of each trouble, to ask for less the next time.

        Raises UserError when it was tried often enough.
        """
        failures = 0
        while True:
            try:
                return call()
            except PassingError as trouble:
                failures += 1
                if failures > self.patience.attempts:
                    raise UserError(
                        f"GitHub ({self.endpoint.host}) {trouble.reason} for "
                        f"{shown(self.about)}, {failures} times in a row; run the same command "
                        "later, it goes on where it stopped."
                    ) from trouble
                ease(trouble)
                pause = min(
                    self.patience.longest_pause, self.patience.first_pause * 2 ** (failures - 1)
                )
                pause *= random.uniform(0.8, 1.2)
                self.wait(trouble.wait_seconds or pause, f"GitHub {trouble.reason}")

    def graphql(
        self, query: str, variables: Mapping[str, Any]
    ) -> tuple[Mapping[str, Any], Sequence[GraphQLProblem]]:
        """Ask once; return the data and the problems of its parts.

        Raises PassingError where asking again may help, and UserError where it cannot.
        """
        body = json.dumps({"query": query, "variables": variables}).encode()
        while True:
            answer, token = self._answered("POST", self.endpoint.graphql, "graphql", body=body)
            if answer.status != 200:
                raise self._unexpected(answer)
            content = answer.json()
            if not isinstance(content, dict):
                raise PassingError("sends answers of no use")
            problems = read_problems(content.get("errors"))
            refusal = next(filter(None, (problem.refusal() for problem in problems)), None)
            if refusal is not None:
                self._refuse(token, refusal)
                continue
            data = content.get("data")
            if isinstance(data, dict):
                return data, problems
            if problems:
                raise problems[0].as_error(self.about)
            raise PassingError("sends answers of no use")

    def get(self, url: str, *, etag: str | None = None, expected: Sequence[int] = (200,)) -> Answer:
        """Ask for an address once, following the server's own redirects unless expected.

        Raises PassingError where asking again may help, and UserError where it cannot.
        """
        for _ in range(self.endpoint.policy.max_redirects + 1):
            answer, _ = self._answered("GET", url, "core", etag=etag, expected=expected)
            if answer.status in expected or (answer.status == 304 and etag):
                return answer
            location = answer.headers.get("location", "")
            if answer.status not in _REDIRECTS or not location:
                raise self._unexpected(answer)
            url = str(httpx.URL(url).join(location))
            self._same_server(url)
        raise UserError(f"GitHub ({self.endpoint.host}) redirects {shown(self.about)} in circles.")

    def wait(self, seconds: float, why: str) -> None:
        """Wait, and say so where it is noticed; an interrupt ends it."""
        until = self.patience.now() + seconds
        left = seconds
        while left > 0:
            if left >= 2:
                clock = datetime.fromtimestamp(until, UTC).strftime("%H:%M:%S")
                self.say(f"{why}: waiting until {clock} UTC ({left:,.0f} s).")
            step = min(left, 15.0)
            self.patience.sleep(step)
            left -= step

    def _answered(
        self,
        method: str,
        url: str,
        resource: str,
        *,
        etag: str | None = None,
        body: bytes | None = None,
        expected: Sequence[int] = (200,),
    ) -> tuple[Answer, Token]:
        """Ask with one token after the other, and after every limit, until there is an answer."""
        limits = 0
        while True:
            token = self._token(resource)
            answer = self._exchange(method, url, token, etag, body)
            self.tokens.note(token, resource, answer.headers)
            limit = self._limit(answer)
            if limit is not None:
                limits += 1
                self._block(token, resource, limit, limits)
                continue
            refusal = self._refusal(answer, resource, expected)
            if refusal is None:
                return answer, token
            self._refuse(token, refusal)

    def _refuse(self, token: Token, why: Refusal) -> None:
        """Set a token aside and say so; raises UserError where none is left."""
        if self.tokens.refuse(token, why):
            self.say(f"Token {token.place} of {len(self.tokens.tokens)} {why}; the others go on.")
            return
        several = len(self.tokens.tokens) > 1
        subject = "The tokens for GitHub are" if several else "The token for GitHub is"
        match self.tokens.verdict():
            case Refusal.BAD:
                raise UserError(f"{subject} refused as bad, expired or revoked: {HOW_TO_GET}.")
            case Refusal.POWERLESS:
                raise UserError(
                    f"The token{'s' if several else ''} for GitHub may not read the issues of "
                    f"{shown(self.about)}; give one that may (a fine-grained token needs read "
                    "access to issues, a protected organization's a single sign-on)."
                )
            case _:
                raise TargetMissingError(
                    f"GitHub shows no {quoted(self.about)}: it does not exist, or it is private "
                    "and the token may not see it; check the name, or give a token that may."
                )

    def _token(self, resource: str) -> Token:
        while True:
            token, wait = self.tokens.take(resource, self.patience.now())
            if wait <= 0:
                return token
            if wait > self.patience.longest_wait:
                minutes = wait / 60
                raise UserError(
                    f"GitHub's limit for the tokens given lasts {minutes:,.0f} more minutes; run "
                    "the same command then, it goes on where it stopped."
                )
            self.wait(wait, "GitHub's limit for the tokens given is used up")

    def _block(self, token: Token, resource: str, limit: Limit, times: int) -> None:
        """Leave a token alone for as long as a limit says; raises UserError after many."""
        if times > self.patience.limits * len(self.tokens.tokens):
            raise UserError(
                f"GitHub goes on limiting the requests for {shown(self.about)}; run the same "
                "command in an hour, it goes on where it stopped."
            )
        seconds = limit.seconds
        if seconds is None:
            seconds = 60.0 * 2 ** (times - 1)
        token.blocked_until = self.patience.now() + max(seconds, 0.05)

    def _limit(self, answer: Answer) -> Limit | None:
        if answer.status not in (200, 403, 429):
            return None
        message, types = answer.message, set[str]()
        if answer.status == 200:
            if (
                b'"errors"' not in answer.body[:100_000]
                and b'"errors"' not in answer.body[-100_000:]
            ):
                return None
            try:
                content = json.loads(answer.body)
            except (ValueError, RecursionError):
                return None
            if not isinstance(content, dict) or content.get("data"):
                return None
            problems = read_problems(content.get("errors"))
            message = " ".join(problem.message for problem in problems)
            types = {problem.type for problem in problems}
        return read_limit(answer.status, answer.headers, message, types, now=self.patience.now())

    def _refusal(self, answer: Answer, resource: str, expected: Sequence[int]) -> Refusal | None:
        if answer.status in expected:
            return None
        match answer.status:
            case 401:
                return Refusal.BAD
            case 403:
                return Refusal.POWERLESS
            case 404:
                return Refusal.UNSEEING if resource == "core" else Refusal.POWERLESS
        return None

    def _unexpected(self, answer: Answer) -> Exception:
        status = answer.status
        if status >= 500 or status in (304, 408):
            return PassingError(
                f"answers with status {status}",
                heavy=status in _HEAVY,
                wait_seconds=retry_after(answer.headers, now=self.patience.now()),
            )
        if status in _REDIRECTS:
            self._same_server(answer.headers.get("location", ""))
        says = f" ({shown(answer.message)})" if answer.message else ""
        if status == 451:
            return TargetMissingError(
                f"GitHub may not show {shown(self.about)} for legal reasons{says}."
            )
        return UserError(
            f"GitHub ({self.endpoint.host}) answers with status {status} for "
            f"{shown(self.about)}{says}."
        )

    def _same_server(self, url: str) -> None:
        """Refuse to go anywhere else, since a token would go along."""
        if not self.endpoint.holds(url):
            raise UserError(
                f"GitHub ({self.endpoint.host}) redirects {shown(self.about)} to another server "
                f"({shown(httpx.URL(url).host or url)}), where no token is sent; check the name, "
                "or the address given as api."
            )

    def _exchange(
        self, method: str, url: str, token: Token, etag: str | None, body: bytes | None
    ) -> Answer:
        """Send one request and read the whole answer; raises PassingError."""
        headers = {"Authorization": f"Bearer {token.text}"}
        if etag:
            headers["If-None-Match"] = etag
        if body is not None:
            headers["Content-Type"] = "application/json"
        self.requests += 1
        try:
            with self._http.stream(method, url, headers=headers, content=body) as response:
                content = bytearray()
                for block in response.iter_bytes():
                    content += block
                    if len(content) > LARGEST_ANSWER:
                        raise PassingError("sends more than can be read at once", heavy=True)
                self.received += response.num_bytes_downloaded
                return Answer(
                    status=response.status_code,
                    headers={name.lower(): value for name, value in response.headers.items()},
                    body=bytes(content),
                )
        except UserError as error:
            raise UserError(
                f"{self.endpoint.host} cannot be reached: its name is not known here, or leads to "
                "an address that is not public (a proxy is not used); check the network, or the "
                "address given as api."
            ) from error
        except httpx.TimeoutException as error:
            raise PassingError("does not answer in time", heavy=True) from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise PassingError("breaks off connections") from error
