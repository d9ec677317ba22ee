"""The client of an OpenAI-compatible endpoint: bounded in size, time and number of tries."""

import json
import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlsplit

from firstmile.errors import UserError
from firstmile.study.reading.quoting import invisible, quoted, shown

if TYPE_CHECKING:
    import httpx

FIRST_LIMIT_NAME: Final = "max_tokens"
TRIES: Final = 5
"""Times that a request is made before the rating stops."""
FIRST_PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 60.0
_KEY_VARIABLE: Final = re.compile(
    r"(?!AWS_|.*(?:GITHUB|SECRET|TOKEN))(?:[A-Z][A-Z0-9_]*_API_KEY|FIRSTMILE_[A-Z0-9_]+)"
)
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_LARGEST: Final = 4 * 1024 * 1024
_CHUNK: Final = 64 * 1024
_AGAIN_LATER: Final = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an endpoint said: the reply, why it ended, and the tokens it counted (None: not)."""

    content: str
    finish: str
    refused: bool
    input_tokens: int | None
    output_tokens: int | None


class _TryError(Exception):
    """One try that failed; `pause` is how long the endpoint asked to wait."""

    def __init__(self, reason: str, pause: float | None = None) -> None:
        super().__init__(reason)
        self.pause = pause


@dataclass(kw_only=True)
class Endpoint:
    """An endpoint to be asked; use it as a context, which closes its connections.

    `host` may be shown; the key stands in a header only. `seconds` bounds one request. `lost`
    counts requests whose answer never arrived: the endpoint may charge for them all the same.
    `after_failure` is what a user is told of the work so far once all tries failed.
    """

    host: str
    url: str
    model: str
    temperature: float
    client: "httpx.Client"
    key: str = field(repr=False)
    seconds: float
    sleep: Callable[[float], None] = time.sleep
    structured: bool = True
    limit_name: str = FIRST_LIMIT_NAME
    lost: int = 0
    after_failure: str = "what was labelled is kept, and the same command goes on"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.client.close()

    def ask(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        schema: Mapping[str, Any],
        most_tokens: int,
        most_tries: int = TRIES,
    ) -> Answer:
        """Return the answer to messages; raises UserError where there is none to be had.

        Rate limits, failures of the server, time-outs and broken bodies are tried again after a
        pause that doubles, or as long as the endpoint asks, up to a minute. An endpoint that
        knows no response_format, or another name for max_tokens, is asked without, or by that.
        """
        failure = "it did not answer"
        pause = FIRST_PAUSE_SECONDS
        tries = 0
        while tries < most_tries:
            try:
                status, body, wait = self._post(messages, schema, most_tokens)
                if status in (400, 422) and self._adapt(body):
                    continue
                self._require(status, body)
                if status in _AGAIN_LATER:
                    raise _TryError(f"it answered {status}", wait)
                return _answer(body)
            except _TryError as error:
                failure = str(error)
                tries += 1
                if tries < most_tries:
                    self.sleep(min(LONGEST_PAUSE_SECONDS, max(pause, error.pause or 0.0)))
                    pause *= 2
        raise UserError(
            f"The endpoint at {shown(self.host)} failed ({failure}; tries: {tries}); "
            f"{self.after_failure}."
        )

    def _post(
        self, messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any], most_tokens: int
    ) -> tuple[int, bytes, float | None]:
        import httpx

        request: dict[str, Any] = {
            "model": self.model,
            "messages": list(messages),
            "temperature": self.temperature,
            self.limit_name: most_tokens,
        }
        if self.structured:
            form = {"name": "labels", "schema": dict(schema)}
            request["response_format"] = {"type": "json_schema", "json_schema": form}
        end = time.monotonic() + self.seconds
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        try:
            with self.client.stream("POST", self.url, json=request, headers=headers) as response:
                body = b""
                for chunk in response.iter_bytes(_CHUNK):
                    body += chunk
                    if len(body) > _LARGEST or time.monotonic() > end:
                        self.lost += 1
                        raise _TryError("its answer is too large or took too long")
                return response.status_code, body, _seconds(response.headers.get("retry-after"))
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise _TryError("nothing answers there") from error
        except httpx.TimeoutException as error:
            self.lost += 1
            raise _TryError("it did not answer in time") from error
        except httpx.HTTPError as error:
            self.lost += 1
            raise _TryError("the connection broke") from error

    def _adapt(self, body: bytes) -> bool:
        """Change the form of the request as a refusal suggests; False where there is no way."""
        said = body[:_CHUNK].decode("utf-8", "replace").lower()
        if self.limit_name == FIRST_LIMIT_NAME and "max_completion_tokens" in said:
            self.limit_name = "max_completion_tokens"
            return True
        if self.structured and any(w in said for w in ("response_format", "json_schema", "schema")):
            self.structured = False
            return True
        return False

    def _require(self, status: int, body: bytes) -> None:
        if 200 <= status < 300 or status in _AGAIN_LATER:
            return
        where = f"The endpoint at {shown(self.host)}"
        if status in (401, 403):
            raise UserError(f"{where} refused the key ({status}); check it and what it may do.")
        if 300 <= status < 400:
            raise UserError(f"{where} redirects elsewhere, which is not followed; name that place.")
        if status == 404:
            raise UserError(
                f"{where} knows no such address or model ({quoted(self.model)}); endpoints often "
                "end in /v1."
            )
        said = body.decode("utf-8", "replace")
        said = said.replace(self.key, "***") if self.key else said
        raise UserError(f"{where} refused the request ({status}): {shown(said)}")


def open_endpoint(
    address: str,
    *,
    model: str,
    key_variable: str = "",
    temperature: float = 0.0,
    seconds: float = 300.0,
    sleep: Callable[[float], None] = time.sleep,
    environment: Mapping[str, str] = os.environ,
) -> Endpoint:
    """Return the endpoint of an address such as https://host/v1; raises UserError.

    Only https is spoken, and http with this machine itself. The key is read from the environment
    variable that is named, and from nowhere else; since a study.toml may come from anybody, it
    must be one that holds nothing but such keys.
    """
    import httpx

    host, url = _checked(address)
    if key_variable and not _KEY_VARIABLE.fullmatch(key_variable):
        raise UserError(
            f"key_variable = {quoted(key_variable)} may hold another secret than the endpoint's "
            "key: name a variable that ends in _API_KEY or begins with FIRSTMILE_."
        )
    key = environment.get(key_variable, "") if key_variable else ""
    if key_variable and not key.strip():
        raise UserError(
            f"The environment variable {quoted(key_variable)} holds no key for the endpoint at "
            f"{shown(host)}: set it."
        )
    if not key.strip().isascii() or invisible(key.strip()):
        raise UserError(f"The key in {quoted(key_variable)} has characters that no key has.")
    client = httpx.Client(
        timeout=httpx.Timeout(seconds, connect=min(30.0, seconds)),
        follow_redirects=False,
        trust_env=not is_loopback(address),
        headers={"Accept": "application/json", "User-Agent": "firstmile"},
    )
    return Endpoint(
        host=host,
        url=url,
        model=model,
        temperature=temperature,
        client=client,
        key=key.strip(),
        seconds=seconds,
        sleep=sleep,
    )


def is_loopback(address: str) -> bool:
    """Whether an address is one of this machine."""
    try:
        return (urlsplit(address).hostname or "") in _LOOPBACK
    except ValueError:
        return False


def _checked(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise UserError(f"{quoted(address)} is no address of an endpoint.") from None
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise UserError(
            f"The endpoint at {shown(host)} is given with a user name, a query or a fragment; give "
            "the address alone, and the key in an environment variable."
        )
    if not host or invisible(address) or " " in address:
        raise UserError(f"{quoted(address)} is no address of an endpoint.")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        raise UserError(
            f"The endpoint {quoted(address)} must be https, or http on this machine (127.0.0.1)."
        )
    path = parts.path.rstrip("/").removesuffix("/chat/completions")
    url = f"{parts.scheme}://{parts.netloc}{path}/chat/completions"
    return host if port is None else f"{host}:{port}", url


def _answer(body: bytes) -> Answer:
    """Read a chat completion; a body that is none is a failed try."""
    try:
        data = json.loads(body)
        choice = data["choices"][0]
        message = choice["message"]
        content = message.get("content")
        usage = data.get("usage") or {}
        finish = choice.get("finish_reason") or ""
        refusal = message.get("refusal")
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError) as error:
        raise _TryError("its answer is no chat completion") from error
    if not isinstance(content, str | None) or not isinstance(usage, dict):
        raise _TryError("its answer is no chat completion")
    return Answer(
        content=content or "",
        finish=str(finish),
        refused=bool(refusal) or finish == "content_filter",
        input_tokens=_count(usage.get("prompt_tokens")),
        output_tokens=_count(usage.get("completion_tokens")),
    )


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _seconds(header: str | None) -> float | None:
    return float(header) if header and header.isdecimal() and len(header) < 7 else None
