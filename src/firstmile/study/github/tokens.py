"""Several tokens as one: the one with the most left asks next."""

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from firstmile.errors import UserError
from firstmile.study.github.endpoint import VARIABLE, is_github
from firstmile.study.github.limits import remaining, reset_at
from firstmile.study.reading.quoting import quoted

HOW_TO_GET: Final = (
    "make a fine-grained one that reads public repositories at "
    "https://github.com/settings/personal-access-tokens/new and put it into the environment "
    "variable GITHUB_TOKEN (several, divided by commas, into FIRSTMILE_GITHUB_TOKENS)"
)

ENTERPRISE: Final = "FIRSTMILE_GITHUB_ENTERPRISE_TOKENS"
"""The environment variable with tokens for a server that a study.toml names."""


def tokens_for(
    api: Any, credentials: Sequence[str], *, environment: Mapping[str, str] = os.environ
) -> Sequence[str]:
    """Return the tokens that may be sent to the server that a study.toml names by `api`.

    A study.toml may come from anybody, so tokens for GitHub go to GitHub alone, or to a server
    that the environment names, which only the user can. Raises UserError where none is left.
    """
    if api is None or is_github(api) or api == environment.get(VARIABLE):
        return credentials
    own = [part.strip() for part in environment.get(ENTERPRISE, "").split(",") if part.strip()]
    if not own:
        raise UserError(
            f"api = {quoted(str(api))} is not GitHub's own server, so tokens for GitHub are not "
            f"sent there: put one of that server into the environment variable {ENTERPRISE}."
        )
    return own


class Refusal(StrEnum):
    """Why a token is of no use."""

    BAD = "is refused as bad, expired or revoked"
    POWERLESS = "may not read issues there"
    UNSEEING = "sees no such repository"


@dataclass(slots=True)
class Token:
    """One token and what is known of it; its text is never shown."""

    text: str = field(repr=False)
    place: int
    left: dict[str, int] = field(default_factory=dict)
    resets: dict[str, float] = field(default_factory=dict)
    blocked_until: float = 0.0
    refusal: Refusal | None = None

    def free_at(self, resource: str) -> float:
        """Return when it may ask again, in seconds since 1970."""
        if self.left.get(resource, 1) > 0:
            return self.blocked_until
        return max(self.blocked_until, self.resets.get(resource, 0.0))

    def remaining(self, resource: str, now: float) -> float:
        """Return what is left of a resource; endless where nothing is known."""
        if self.resets.get(resource, math.inf) <= now:
            return math.inf
        return self.left.get(resource, math.inf)


class TokenPool:
    """The tokens of a run."""

    def __init__(self, tokens: Sequence[str]) -> None:
        texts = list(dict.fromkeys(tokens))
        if not texts:
            raise UserError(f"GitHub gives whole issues only to a token: {HOW_TO_GET}.")
        for text in texts:
            if not text.isascii() or not text.isprintable() or " " in text or not text:
                raise UserError(
                    "A token for GitHub holds a character that no token has; copy it again into "
                    "the environment variable (several are separated by commas)."
                )
        self.tokens = [Token(text=text, place=place) for place, text in enumerate(texts, 1)]

    @property
    def usable(self) -> list[Token]:
        """The tokens that were not refused."""
        return [token for token in self.tokens if token.refusal is None]

    def take(self, resource: str, now: float) -> tuple[Token, float]:
        """Return the token to ask with, and the seconds to wait before.

        Among those that may ask at once it is the one with the most left, the first of equals;
        where all must wait, the one whose wait ends first.
        """
        usable = self.usable
        free = [token for token in usable if token.free_at(resource) <= now]
        if free:
            return max(free, key=lambda token: token.remaining(resource, now)), 0.0
        soonest = min(usable, key=lambda token: token.free_at(resource))
        return soonest, soonest.free_at(resource) - now

    def note(self, token: Token, resource: str, headers: Mapping[str, str]) -> None:
        """Remember what an answer's headers say is left."""
        left, reset = remaining(headers), reset_at(headers)
        if headers.get("x-ratelimit-resource", resource) != resource:
            return
        if left is not None and reset is not None:
            token.left[resource], token.resets[resource] = left, reset

    def refuse(self, token: Token, why: Refusal) -> bool:
        """Set a token aside; returns whether another can go on."""
        token.refusal = why
        return bool(self.usable)

    def verdict(self) -> Refusal:
        """Return the most telling reason why no token is left."""
        reasons = [token.refusal for token in self.tokens]
        return next(
            reason
            for reason in (Refusal.UNSEEING, Refusal.POWERLESS, Refusal.BAD)
            if reason in reasons
        )
