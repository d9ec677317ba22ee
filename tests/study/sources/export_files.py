"""What the tests of file sources share: a study's folder, and a way through a source."""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from firstmile.errors import UserError
from firstmile.study.issues import Issue, Page, Record
from firstmile.study.privacy import Pseudonyms, protect
from firstmile.study.sources.finding import Collecting, Source

KEY = Pseudonyms(b"a key of these tests")
FETCHED = "2025-01-01T00:00:00Z"


def user(login: str) -> dict[str, Any]:
    return {"login": login, "id": 7, "avatar_url": "https://avatars.x/7", "type": "User"}


def rest_issue(number: int, **changes: Any) -> dict[str, Any]:
    """Return an issue as the REST API gives it, with some fields changed."""
    return {
        "url": f"https://api.github.com/repos/o/r/issues/{number}",
        "repository_url": "https://api.github.com/repos/o/r",
        "comments_url": f"https://api.github.com/repos/o/r/issues/{number}/comments",
        "html_url": f"https://github.com/o/r/issues/{number}",
        "id": 1000 + number,
        "node_id": "I_kw",
        "number": number,
        "title": f"Issue {number}",
        "user": user("ada"),
        "labels": [{"id": 1, "name": "bug", "color": "d73a4a"}],
        "state": "closed",
        "state_reason": "completed",
        "locked": False,
        "assignee": None,
        "comments": 0,
        "created_at": "2024-03-04T05:06:07Z",
        "updated_at": "2024-03-05T05:06:07Z",
        "closed_at": "2024-03-05T05:06:07Z",
        "author_association": "NONE",
        "body": "It breaks. Mail ada@example.org or see /home/ada/x, cc @bob.",
        **changes,
    }


def rest_comment(number: int, login: str = "bob", **changes: Any) -> dict[str, Any]:
    return {
        "url": f"https://api.github.com/repos/o/r/issues/comments/{number}",
        "issue_url": "https://api.github.com/repos/o/r/issues/1",
        "id": number,
        "user": user(login),
        "created_at": f"2024-03-04T06:00:{number % 60:02}Z",
        "updated_at": f"2024-03-04T06:00:{number % 60:02}Z",
        "author_association": "MEMBER",
        "body": f"comment {number}",
        **changes,
    }


def lines(values: list[Any]) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def packed(data: bytes) -> bytes:
    return gzip.compress(data, 1)


@dataclass
class Study:
    """A folder with files, and what a source brings from it."""

    source: Source
    folder: Path
    options: dict[str, Any] = field(default_factory=lambda: {"files": ["*"]})

    def write(self, name: str, data: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def collecting(self, **changes: Any) -> Collecting:
        return Collecting(folder=self.folder, options=self.options, **changes)

    def targets(self) -> list[str]:
        return list(self.source.targets(self.collecting()))

    def pages(
        self, target: str | None = None, state: Mapping[str, Any] | None = None, **changes: Any
    ) -> list[Page]:
        collecting = self.collecting(**changes)
        return list(self.source.pages(target or self.targets()[0], state, collecting))

    def pages_until_error(self, target: str) -> tuple[list[Page], str]:
        """Return the pages that came before a UserError, and what it says."""
        pages: list[Page] = []
        try:
            pages.extend(self.source.pages(target, None, self.collecting()))
        except UserError as error:
            return pages, str(error)
        raise AssertionError("no error was raised")

    def records(self, **changes: Any) -> list[Record]:
        """Return what all targets bring, protected."""
        return [
            Record(
                repository=record.repository,
                number=record.number,
                payload=protect(record.payload, KEY).payload,
            )
            for target in self.targets()
            for page in self.pages(target, **changes)
            for record in page.records
        ]

    def issues(self, **changes: Any) -> list[Issue]:
        read = [self.source.issue(record, FETCHED) for record in self.records(**changes)]
        return [issue for issue in read if issue is not None]
