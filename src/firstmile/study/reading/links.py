"""Links to issues: their canonical form and the repository they name."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

_OWNER: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})"
_NAME: Final = r"[A-Za-z0-9._-]{1,100}"

_CANONICAL: Final = rf"https://github\.com/({_OWNER}/{_NAME})/issues/[1-9][0-9]{{0,9}}"
_LINK: Final = re.compile(_CANONICAL)
_LINES: Final = re.compile(rf"^{_CANONICAL}$", re.MULTILINE)
_WRITTEN: Final = re.compile(
    rf"\s*(?:https?://)?(?:www\.)?github\.com/({_OWNER}/{_NAME})/+(issues|pull|discussions)/+"
    r"([1-9][0-9]{0,9})(?![0-9]).*",
    re.IGNORECASE | re.DOTALL,
)
_REPOSITORY: Final = re.compile(
    rf"\s*(?:(?:https?://)?(?:www\.)?github\.com/)?({_OWNER}/{_NAME}?)(?:\.git)?/?\s*",
    re.IGNORECASE,
)

RENAMED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "QwenLM/Qwen2.5": "QwenLM/Qwen3",
        "QwenLM/Qwen2.5-Coder": "QwenLM/Qwen3-Coder",
        "facebookresearch/llama": "meta-llama/llama",
        "facebookresearch/codellama": "meta-llama/codellama",
    }
)
"""Repositories that bear another name today; GitHub forwards the old links."""


@dataclass(frozen=True, slots=True)
class Links:
    """Distinct links as read: canonical form and repository of each, in the order given.

    `rewritten` and `no_issue` are places of links that had to be brought into canonical form
    and of links that name no GitHub issue (kept as written, repository None).
    """

    urls: Sequence[str]
    repositories: Sequence[str | None]
    rewritten: Sequence[int]
    no_issue: Sequence[int]


def read_links(written: Sequence[str]) -> Links:
    """Read distinct links."""
    text = "\n".join(written)
    found: list[str] = _LINES.findall(text)
    if len(found) == len(written) == text.count("\n") + 1:
        return Links(written, found, (), ())
    urls, repositories = list(written), [_repository_of(link) for link in written]
    rewritten: list[int] = []
    no_issue: list[int] = []
    for place, link in enumerate(written):
        if repositories[place] is not None:
            continue
        if match := _WRITTEN.fullmatch(link):
            repositories[place] = match[1]
            urls[place] = f"https://github.com/{match[1]}/{match[2].lower()}/{match[3]}"
        else:
            urls[place] = link.strip()
            no_issue.append(place)
        if urls[place] != link and match:
            rewritten.append(place)
    return Links(urls, repositories, rewritten, no_issue)


def _repository_of(link: str) -> str | None:
    found = _LINK.fullmatch(link)
    return found[1] if found else None


def repository_name(written: str) -> str:
    """Return owner/name of a repository given so or as a link; anything else stays as it is."""
    found = _REPOSITORY.fullmatch(written)
    return found[1] if found else written.strip()
