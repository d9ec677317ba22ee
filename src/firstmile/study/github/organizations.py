"""Lists the repositories of an organization."""

from collections.abc import Mapping
from typing import Any

from firstmile.errors import UserError
from firstmile.study.github.client import Client
from firstmile.study.github.errors import PassingError
from firstmile.study.reading.quoting import quoted


def list_repositories(
    client: Client, organization: str, *, forks: bool, archived: bool
) -> list[str]:
    """Return the full names of the public repositories that take issues, sorted.

    Forks and archived repositories are left out unless asked for. Raises UserError.
    """
    found: list[str] = []
    page = 1
    while True:
        url = f"{client.endpoint.rest}/orgs/{organization}/repos?type=public&per_page=100"

        def once(url: str = f"{url}&page={page}") -> tuple[Any, bool]:
            answer = client.get(url)
            content = answer.json()
            if not isinstance(content, list):
                raise PassingError("sends answers of no use")
            return content, 'rel="next"' in answer.headers.get("link", "")

        content, more = client.persist(once, lambda _trouble: None)
        for entry in content:
            if isinstance(entry, Mapping) and _wanted(entry, forks=forks, archived=archived):
                found.append(str(entry.get("full_name")))
        if not more:
            break
        page += 1
    if not found:
        raise UserError(
            f"The organization {quoted(organization)} shows no repository that takes issues; "
            "forks and archived ones are left out unless include_forks or include_archived is "
            "true."
        )
    return sorted(found, key=str.lower)


def _wanted(entry: Mapping[str, Any], *, forks: bool, archived: bool) -> bool:
    return (
        entry.get("private") is not True
        and entry.get("has_issues") is not False
        and (forks or entry.get("fork") is not True)
        and (archived or entry.get("archived") is not True)
    )
