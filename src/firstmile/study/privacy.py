"""What leaves the hands of a source: texts redacted, people as pseudonyms, the rest as received.

Pseudonyms hide an author from a reader of the data, not from a reader of the issue: its address
stays, and whoever follows it sees who wrote it. A data set says so.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from firstmile.errors import UserError
from firstmile.redaction import redact

_PSEUDONYM: Final = re.compile(r"user-[0-9a-f]{12}")
_LONGEST_KEY: Final = 64

_DROPPED: Final = frozenset(
    {
        "email",
        "avatar_url",
        "avatarUrl",
        "gravatar_id",
        "node_id",
        "user_data",
        "user_id",
        "actor_id",
        "author_id",
        "assignee_data",
        "assignees_data",
        "closed_by_data",
        "display_login",
        "actor_attributes",
    }
)
"""Keys whose values tell of a person, or repeat one in another form."""

_PEOPLE: Final = frozenset(
    {
        "login",
        "user",
        "username",
        "user_login",
        "author",
        "actor",
        "assignee",
        "assignees",
        "closed_by",
        "creator",
        "editor",
        "merged_by",
        "participants",
        "reporter",
        "sender",
    }
)
"""Keys whose value, where it is a text or a list of texts, is an account's name."""

_API: Final = re.compile(r"https?://(?:api\.github\.com|[^/\s]+/api/v3)/")


class Pseudonyms:
    """Turns account names into pseudonyms that only the holder of the key can compute."""

    def __init__(self, key: bytes) -> None:
        if not key:
            raise ValueError("a pseudonym needs a key")
        self._key = key if len(key) <= _LONGEST_KEY else blake2b(key).digest()
        self._known: dict[str, str] = {}

    def of(self, login: str) -> str:
        """Return the pseudonym of an account, whatever the case its name is written in.

        A pseudonym stays what it is. Keyed BLAKE2b (RFC 7693), 48 bits: among 100,000 authors
        two share one with a chance of 1 in 56,000.
        """
        if _PSEUDONYM.fullmatch(login):
            return login
        folded = login.casefold()
        if (known := self._known.get(folded)) is not None:
            return known
        digest = blake2b(folded.encode("utf-8", "surrogatepass"), key=self._key, digest_size=6)
        pseudonym = f"user-{digest.hexdigest()}"
        if len(self._known) < 1_000_000:
            self._known[folded] = pseudonym
        return pseudonym


class Protected(NamedTuple):
    """A payload that may be stored, and how much of each kind was taken out of it."""

    payload: Any
    counts: Mapping[str, int]


def protect(payload: Any, pseudonyms: Pseudonyms, *, public: Collection[str] = ()) -> Protected:
    """Return a payload without secrets, personal details and names of accounts.

    `payload` is any JSON. Every text is redacted; a mapping with a `login` becomes
    `{"login": <pseudonym>}`, with its `type` where it is a robot; mentions and links to profiles
    are pseudonymized consistently; what only points at the API is dropped. `public` are names
    that are no persons', such as the owners of the studied repositories. Protecting a result
    again changes nothing. Raises UserError for a payload nested beyond all sense.
    """
    walk = _Walk(pseudonyms, frozenset(name.casefold() for name in public))
    try:
        return Protected(walk.value(payload), walk.counts)
    except RecursionError as error:
        raise UserError(
            "A payload is nested hundreds of levels deep, which no issue is: "
            "remove that record from the source."
        ) from error


_MOST_KEYS: Final = 10_000
_KNOWN_KEYS: Final[set[str]] = set()
"""Keys that protection leaves as they are: payloads of one kind bear the same few."""


PSEUDONYMIZED: Final = frozenset({"account", "mention", "profile"})
"""Kinds of counts that are names of accounts; all others are what was redacted."""


class _Walk:
    """One way through a payload."""

    def __init__(self, pseudonyms: Pseudonyms, public: frozenset[str]) -> None:
        self.pseudonyms = pseudonyms
        self.public = public
        self.counts: dict[str, int] = {}

    def value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return self.mapping(value)
        if isinstance(value, list | tuple):
            return [self.value(item) for item in value]
        return value

    def mapping(self, value: Mapping[Any, Any]) -> dict[Any, Any]:
        login = value.get("login")
        if isinstance(login, str) and login:
            return self.person(login, value)
        kept = {}
        for key, item in value.items():
            if key in _DROPPED or (key == "name" and "email" in value):
                continue
            if isinstance(key, str) and key.endswith("_url") and _points_at_the_api(item):
                continue
            safe = key if key in _KNOWN_KEYS or not isinstance(key, str) else self.key(key)
            kept[safe] = self.people(item) if key in _PEOPLE else self.value(item)
        return kept

    def key(self, key: str) -> str:
        """Return a key protected like any text; those that are safe are remembered."""
        safe = self.text(key)
        if safe == key and key.isidentifier() and len(_KNOWN_KEYS) < _MOST_KEYS:
            _KNOWN_KEYS.add(key)
        return safe

    def person(self, login: str, value: Mapping[Any, Any]) -> dict[str, Any]:
        known: dict[str, Any] = {"login": self.pseudonyms.of(login)}
        kind = value.get("type") or value.get("__typename")
        if kind == "Bot" or value.get("is_bot") is True or login.endswith("[bot]"):
            known["__typename" if "__typename" in value else "type"] = "Bot"
        self._count("account", not _PSEUDONYM.fullmatch(login))
        return known

    def people(self, value: Any) -> Any:
        if isinstance(value, str) and value:
            self._count("account", not _PSEUDONYM.fullmatch(value))
            return self.pseudonyms.of(value)
        if isinstance(value, list | tuple):
            return [self.people(item) for item in value]
        return self.value(value)

    def text(self, text: str) -> str:
        found = redact(text)
        for kind, count in found.counts.items():
            self.counts[kind] = self.counts.get(kind, 0) + count
        text = found.text
        if "github.com/" in text:
            text = _PROFILE.sub(self._profile, text)
        return self._mentions(text) if "@" in text else text

    def _mentions(self, text: str) -> str:
        pieces: list[str] = []
        end = 0
        for span in _code(text):
            pieces += (_MENTION.sub(self._mention, text[end : span.start()]), span.group())
            end = span.end()
        if not pieces:
            return _MENTION.sub(self._mention, text)
        return "".join([*pieces, _MENTION.sub(self._mention, text[end:])])

    def _mention(self, match: re.Match[str]) -> str:
        name = match["name"]
        if name.lower() in _NO_MENTIONS or name.casefold() in self.public:
            return match.group()
        self._count("mention", not _PSEUDONYM.fullmatch(name))
        return f"@{self.pseudonyms.of(name)}"

    def _profile(self, match: re.Match[str]) -> str:
        name = match["name"]
        if name.lower() in _PAGES or name.casefold() in self.public:
            return match.group()
        self._count("profile", not _PSEUDONYM.fullmatch(name))
        return f"{match['site']}{self.pseudonyms.of(name)}"

    def _count(self, kind: str, changed: bool) -> None:
        if changed:
            self.counts[kind] = self.counts.get(kind, 0) + 1


def _points_at_the_api(value: Any) -> bool:
    return isinstance(value, str) and _API.match(value) is not None


_FENCED: Final = re.compile(
    r"(?m:^)[ \t>]{0,12}(?:(?:[-*+]|\d{1,3}[.)])[ \t]{1,4})?(?P<fence>`{3,16}|~{3,16})[^`\n]*+\n"
    r"(?:(?![ \t>]{0,12}(?P=fence))[^\n]*+\n)*+[ \t>]{0,12}(?P=fence)`*+"
)
_ANY_FENCE: Final = re.compile(r"`{3,}+")


def _code(text: str) -> Iterable[re.Match[str]]:
    """Return the fenced blocks of a text in Markdown, none where the fences don't pair.

    A fence in the middle of a line makes the next closing one look like an opening one, and prose
    like code; then everything counts as prose, and a decorator rather than a person is misread.
    """
    if "```" not in text and "~~~" not in text:
        return ()
    blocks = list(_FENCED.finditer(text))
    fences = sum(1 for _ in _ANY_FENCE.finditer(text))
    return blocks if fences <= sum(len(_ANY_FENCE.findall(b.group())) for b in blocks) else ()


_MENTION: Final = re.compile(
    r"(?<![A-Za-z0-9_/.@:$%&+=\\-])@"
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){0,60}+(?:_[A-Za-z0-9]{3,12}+)?)"
    r"(?![A-Za-z0-9_(/@=]|\.[A-Za-z0-9_]|:[A-Za-z0-9/]"
    r"|\s{0,4}\n\s{0,8}(?:async def|def|class|@[a-z])\b)"
)
"""A mention as GitHub reads one: no part of an address, no decorator, no scoped package.

An account has no underscore, but for one in front of the short name of an enterprise.
"""

_NO_MENTIONS: Final = frozenset(
    {
        "abstractmethod",
        "all",
        "cache",
        "channel",
        "classmethod",
        "dataclass",
        "deprecated",
        "echo",
        "everyone",
        "here",
        "import",
        "latest",
        "lru_cache",
        "main",
        "master",
        "media",
        "override",
        "param",
        "property",
        "return",
        "returns",
        "staticmethod",
        "todo",
        "triton",
    }
)
"""Words behind an at sign that code and chats are full of."""

_PROFILE: Final = re.compile(
    r"(?P<site>(?<![A-Za-z0-9.-])(?:www\.)?github\.com/|(?<![A-Za-z0-9.-])gist\.github\.com/"
    r"|(?<![A-Za-z0-9.-])api\.github\.com/users/)"
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){0,60}+)"
    r"(?:(?<=[A-Za-z0-9])(?=/?(?:[\s)\]>\"'`,;?#|]|\.(?:\s|\Z)|\Z))|(?=/[0-9a-f]{20,40}\b))"
)
"""An address of a profile: one name and no repository after it; and of a gist, with its owner."""

_PAGES: Final = frozenset(
    {
        "about",
        "apps",
        "codespaces",
        "collections",
        "contact",
        "copilot",
        "customer-stories",
        "discussions",
        "enterprise",
        "events",
        "explore",
        "features",
        "issues",
        "join",
        "login",
        "marketplace",
        "models",
        "new",
        "notifications",
        "organizations",
        "orgs",
        "pricing",
        "pulls",
        "search",
        "security",
        "sessions",
        "settings",
        "signup",
        "site",
        "sponsors",
        "stars",
        "team",
        "topics",
        "trending",
        "users",
    }
)
"""First parts of addresses of GitHub that are pages, not accounts."""
