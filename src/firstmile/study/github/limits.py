"""How long GitHub wants to be left alone, read off an answer.

Source: "Rate limits for the REST API" and "Rate limits and query limits for the GraphQL API" in
GitHub's documentation. Over the primary limit REST answers 403 or 429 and GraphQL 200 with an
error, both with `x-ratelimit-remaining: 0`; over a secondary one 403, 429 or 200 with an error
message that says so. `retry-after` goes first, then `x-ratelimit-reset` where nothing remains,
otherwise at least a minute, longer each time. The error's type was seen as RATE_LIMITED and as
RATE_LIMIT.
"""

import email.utils
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

RATE_TYPES: Final = frozenset({"RATE_LIMITED", "RATE_LIMIT"})
SECONDARY_SECONDS: Final = 60.0
_SECONDARY_WORDS: Final = ("secondary rate limit", "abuse detection")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A limit that was hit; `seconds` is how long to wait, None where GitHub does not say."""

    primary: bool
    seconds: float | None


def read_limit(
    status: int,
    headers: Mapping[str, str],
    message: str,
    types: Collection[str],
    *,
    now: float,
) -> Limit | None:
    """Return the limit that an answer speaks of, None where it speaks of none.

    `message` and `types` are those of the answer's errors; `now` is in seconds since 1970.
    """
    limited_type = not RATE_TYPES.isdisjoint(types)
    secondary = any(word in message.lower() for word in _SECONDARY_WORDS)
    exhausted = remaining(headers) == 0
    refused = status in (403, 429)
    asked = retry_after(headers, now=now)
    if not (limited_type or secondary or status == 429 or (refused and (exhausted or asked))):
        return None
    if asked is not None:
        return Limit(primary=not secondary and exhausted, seconds=asked)
    if exhausted or (limited_type and not secondary):
        reset = reset_at(headers)
        if reset is not None and reset > now - 60:
            return Limit(primary=True, seconds=max(1.0, reset - now + 1))
        return Limit(primary=True, seconds=None)
    return Limit(primary=False, seconds=None)


def remaining(headers: Mapping[str, str]) -> int | None:
    """Return how many requests or points are left in this window."""
    return _number(headers.get("x-ratelimit-remaining"))


def reset_at(headers: Mapping[str, str]) -> float | None:
    """Return when the window ends, in seconds since 1970."""
    value = _number(headers.get("x-ratelimit-reset"))
    return None if value is None else float(value)


def retry_after(headers: Mapping[str, str], *, now: float) -> float | None:
    """Return the seconds that Retry-After asks for, which may also be written as a date."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    if (seconds := _number(value)) is not None:
        return float(seconds)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, OverflowError):
        return None


def _number(value: str | None) -> int | None:
    text = (value or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
