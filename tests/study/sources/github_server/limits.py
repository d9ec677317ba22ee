"""What a token may still ask in this hour, and which tokens are no good."""

import time
from dataclasses import dataclass, field
from typing import Any

Answer = dict[str, Any]


@dataclass(slots=True)
class Allowance:
    """What is left of one resource for one token, until the window ends."""

    left: int
    ends: float


@dataclass(slots=True)
class Tokens:
    """The rules for tokens; an empty token is an anonymous visitor.

    `limit` points or requests a window of `window_seconds`; `revoked` tokens are answered with
    401, `powerless` ones with 403.
    """

    limit: int = 5_000
    window_seconds: float = 3_600.0
    revoked: set[str] = field(default_factory=set)
    powerless: set[str] = field(default_factory=set)
    limits: dict[str, int] = field(default_factory=dict)
    allowances: dict[tuple[str, str], Allowance] = field(default_factory=dict)

    def of(self, token: str, resource: str) -> Allowance:
        """Return the allowance of a token, a new one when the window has ended."""
        found = self.allowances.get((token, resource))
        if found is None or found.ends <= time.time():
            limit = self.limits.get(token, self.limit if token else min(60, self.limit))
            found = Allowance(limit, time.time() + self.window_seconds)
            self.allowances[token, resource] = found
        return found

    def headers(self, token: str, resource: str) -> dict[str, str]:
        """Return the headers that tell what is left."""
        found = self.of(token, resource)
        limit = self.limits.get(token, self.limit)
        return {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(0, found.left)),
            "X-RateLimit-Used": str(limit - max(0, found.left)),
            "X-RateLimit-Reset": str(int(found.ends + 0.999)),
            "X-RateLimit-Resource": resource,
        }

    def summary(self, token: str) -> Answer:
        """Return what `/rate_limit` answers."""
        resources = {}
        for name in ("core", "graphql"):
            found = self.of(token, name)
            resources[name] = {
                "limit": self.limits.get(token, self.limit),
                "remaining": max(0, found.left),
                "reset": int(found.ends),
                "used": 0,
            }
        return {"resources": resources, "rate": resources["core"]}
