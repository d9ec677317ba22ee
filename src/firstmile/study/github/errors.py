"""What goes wrong with a request: troubles that pass, and what GraphQL says of a part."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from firstmile.errors import UserError
from firstmile.study.github.tokens import Refusal
from firstmile.study.reading.quoting import shown

_FORBIDDEN: Final = frozenset({"FORBIDDEN", "INSUFFICIENT_SCOPES"})
HEAVY: Final = frozenset(
    {
        "RESOURCE_LIMITS_EXCEEDED",
        "MAX_NODE_LIMIT_EXCEEDED",
        "EXCESSIVE_PAGINATION",
        "TIMEOUT",
    }
)
BAD_CURSOR: Final = "INVALID_CURSOR_ARGUMENTS"
_PASSING: Final = ("something went wrong", "timeout", "timed out", "couldn't respond", "try again")


class PassingError(Exception):
    """A request failed in a way that may pass.

    `heavy` says that asking for less may help; `wait_seconds` is how long the server wants to
    be left alone, None where it does not say.
    """

    def __init__(
        self, reason: str, *, heavy: bool = False, wait_seconds: float | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.heavy = heavy
        self.wait_seconds = wait_seconds


class CursorLostError(Exception):
    """GitHub no longer knows the place where a walk stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphQLProblem:
    """One error of a GraphQL answer: its type (empty where GitHub gives none) and place."""

    type: str
    message: str
    path: tuple[str, ...]

    def refusal(self) -> Refusal | None:
        """Return why the token is of no use here, None where the problem is another."""
        if self.path[1:] not in ((), ("issues",)) or self.path[:1] != ("repository",):
            return None
        if self.type == "NOT_FOUND":
            return Refusal.UNSEEING
        return Refusal.POWERLESS if self.type in _FORBIDDEN else None

    def as_error(self, about: str) -> Exception:
        """Return what to raise where the whole answer is missing for it."""
        if self.type == BAD_CURSOR:
            return CursorLostError()
        words = self.message.lower()
        if self.type in HEAVY or any(part in words for part in _PASSING):
            return PassingError("fails to answer", heavy=True)
        return UserError(f"GitHub refuses the request for {shown(about)} ({shown(self.message)}).")


def read_problems(errors: Any) -> list[GraphQLProblem]:
    """Return the errors of an answer, whatever their shape."""
    found = []
    for error in errors if isinstance(errors, list) else ():
        if not isinstance(error, Mapping):
            continue
        path = error.get("path")
        found.append(
            GraphQLProblem(
                type=error["type"] if isinstance(error.get("type"), str) else "",
                message=str(error.get("message", "")),
                path=tuple(str(part) for part in path) if isinstance(path, list) else (),
            )
        )
    return found
