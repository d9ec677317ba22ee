"""Answers GraphQL: the query itself is parsed, checked against a schema and executed.

`schema.graphql` names the part of GitHub's schema that this world has, under GitHub's names; a
test compares the two. A query that asks for anything else is refused as GitHub refuses it.
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    build_schema,
    execute_sync,
    parse,
    validate,
)

from .world import Account, Happening, Remark, Repository, Thread, World, iso

MOST_NODES: Final = 500_000
EVENTS: Final = {
    "MARKED_AS_DUPLICATE_EVENT": "MarkedAsDuplicateEvent",
    "UNMARKED_AS_DUPLICATE_EVENT": "UnmarkedAsDuplicateEvent",
    "TRANSFERRED_EVENT": "TransferredEvent",
}

Answer = dict[str, Any]


@cache
def schema() -> GraphQLSchema:
    """Return the part of GitHub's schema that is spoken here."""
    return build_schema(Path(__file__).with_name("schema.graphql").read_text(encoding="utf-8"))


@cache
def checked(query: str) -> tuple[DocumentNode | None, tuple[Answer, ...]]:
    """Parse and validate a query once."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return None, ({"message": error.message},)
    problems = validate(schema(), document)
    if problems:
        return None, tuple(
            {"extensions": {"code": "undefinedField"}, "message": p.message} for p in problems
        )
    return document, ()


def answer(
    world: World, query: str, variables: Mapping[str, Any], *, token: str, base: str
) -> tuple[Answer, int, int]:
    """Execute a query; return the answer, its cost in points and its largest page of issues."""
    document, problems = checked(query)
    if document is None:
        return {"errors": list(problems)}, 1, 0
    weighing = _Weighing(document, variables)
    if weighing.nodes > MOST_NODES:
        problem = {
            "type": "MAX_NODE_LIMIT_EXCEEDED",
            "message": f"This query requests up to {weighing.nodes:,} possible nodes which "
            f"exceeds the maximum limit of {MOST_NODES:,}.",
        }
        return {"errors": [problem]}, 1, weighing.largest
    resolvers = _Resolvers(world, token, base)
    with world.lock:
        result = execute_sync(schema(), document, resolvers.root(), variable_values=dict(variables))
    body: Answer = {"data": result.data}
    if result.errors:
        body["errors"] = [_shaped(error) for error in result.errors]
    return body, weighing.cost, weighing.largest


def _shaped(error: GraphQLError) -> Answer:
    shaped: Answer = {"path": error.path, "message": error.message}
    kind = (error.extensions or {}).get("type")
    return {"type": kind, **shaped} if kind else shaped


class _Weighing:
    """Nodes and points of a query by GitHub's published formulae."""

    def __init__(self, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        self.variables = variables
        self.fragments = {
            d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)
        }
        self.nodes = self.connections = self.largest = 0
        for definition in document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                self._walk(definition.selection_set, 1)

    @property
    def cost(self) -> int:
        return max(1, round(self.connections / 100))

    def _walk(self, selections: SelectionSetNode | None, parents: int) -> None:
        for selection in selections.selections if selections else ():
            if isinstance(selection, FragmentSpreadNode):
                self._walk(self.fragments[selection.name.value].selection_set, parents)
                continue
            within = parents
            if isinstance(selection, FieldNode) and (size := self._size(selection)) is not None:
                self.connections += parents
                within = parents * size
                self.nodes += within
                if selection.name.value == "issues":
                    self.largest = max(self.largest, size)
            self._walk(getattr(selection, "selection_set", None), within)

    def _size(self, selection: FieldNode) -> int | None:
        for argument in selection.arguments or ():
            if argument.name.value in ("first", "last"):
                if isinstance(argument.value, IntValueNode):
                    return int(argument.value.value)
                if isinstance(argument.value, VariableNode):
                    return int(self.variables.get(argument.value.name.value) or 0)
        return None


class _Resolvers:
    """Views of the world as mappings, lists deferred until they are asked for."""

    def __init__(self, world: World, token: str, base: str) -> None:
        self.world, self.token, self.base = world, token, base

    def root(self) -> Answer:
        return {
            "repository": self.repository,
            "node": self.node,
            "viewer": {"__typename": "User", "id": "U_1", "login": "viewer"},
            "rateLimit": {"cost": 1, "limit": 5000, "nodeCount": 0, "remaining": 1, "used": 0},
        }

    def visible(self, repository: Repository | None) -> bool:
        return repository is not None and (
            repository.readers is None or self.token in repository.readers
        )

    def repository(
        self,
        _info: object,
        owner: str,
        name: str,
        followRenames: bool = True,  # noqa: N803
    ) -> Answer:
        found = self.world.find(f"{owner}/{name}")
        if found is None or not self.visible(found):
            raise GraphQLError(
                f"Could not resolve to a Repository with the name '{owner}/{name}'.",
                extensions={"type": "NOT_FOUND"},
            )
        return self.of_repository(found)

    def of_repository(self, repository: Repository) -> Answer:
        return {
            "__typename": "Repository",
            "id": f"R_{repository.id}",
            "name": repository.name,
            "nameWithOwner": repository.full,
            "url": f"{self.base}/{repository.full}",
            "hasIssuesEnabled": repository.has_issues,
            "isFork": repository.fork,
            "isArchived": repository.archived,
            "issues": lambda _info, **options: self.issues(repository, options),
            "issue": lambda _info, number: self.issue_numbered(repository, number),
        }

    def issue_numbered(self, repository: Repository, number: int) -> Answer:
        thread = repository.threads.get(number)
        if thread is None or thread.is_pull:
            raise GraphQLError(
                f"Could not resolve to an Issue with the number of {number}.",
                extensions={"type": "NOT_FOUND"},
            )
        return self.issue(repository, thread)

    def node(self, _info: object, id: str) -> Answer:  # noqa: A002 - the schema's name
        for repository in self.world.repositories.values():
            for thread in repository.threads.values() if self.visible(repository) else ():
                if id == f"I_{thread.id}":
                    return self.issue(repository, thread)
        raise GraphQLError(
            f"Could not resolve to a node with the global id of '{id}'",
            extensions={"type": "NOT_FOUND"},
        )

    def issues(self, repository: Repository, options: Mapping[str, Any]) -> Answer:
        order = options.get("orderBy") or {"field": "CREATED_AT", "direction": "ASC"}
        since = (options.get("filterBy") or {}).get("since") or ""
        field = "updated" if order["field"] == "UPDATED_AT" else "created"
        threads = [t for t in repository.issues() if (iso(t.updated) or "") >= since]
        return connection(
            threads if repository.has_issues else [],
            lambda thread: (getattr(thread, field), thread.id),
            lambda thread: self.issue(repository, thread),
            options,
            descending=order["direction"] == "DESC",
        )

    def issue(self, repository: Repository, thread: Thread) -> Answer:
        return {
            "__typename": "Issue",
            "id": f"I_{thread.id}",
            "number": thread.number,
            "url": f"{self.base}/{repository.full}/issues/{thread.number}",
            "title": thread.title,
            "body": thread.body,
            "state": "OPEN" if thread.closed is None else "CLOSED",
            "closed": thread.closed is not None,
            "stateReason": lambda _info, enableDuplicate=False: (  # noqa: N803
                "COMPLETED"
                if thread.reason == "DUPLICATE" and not enableDuplicate
                else thread.reason
            ),
            "createdAt": iso(thread.created),
            "updatedAt": iso(thread.updated),
            "closedAt": iso(thread.closed),
            "lastEditedAt": iso(thread.edited),
            "locked": thread.locked,
            "activeLockReason": "RESOLVED" if thread.locked else None,
            "author": actor(thread.author),
            "authorAssociation": thread.association,
            "labels": lambda _info, **options: connection(
                thread.labels, lambda name: (name,), label, options
            ),
            "comments": lambda _info, **options: connection(
                thread.remarks, lambda remark: (remark.created, remark.id), self.comment, options
            ),
            "timelineItems": lambda _info, **options: self.timeline(thread, options),
        }

    def comment(self, remark: Remark) -> Answer:
        return {
            "__typename": "IssueComment",
            "id": f"IC_{remark.id}",
            "body": remark.body,
            "author": actor(remark.author),
            "authorAssociation": remark.association,
            "createdAt": iso(remark.created),
            "updatedAt": iso(remark.updated),
            "lastEditedAt": iso(remark.edited),
            "isMinimized": False,
            "minimizedReason": None,
        }

    def timeline(self, thread: Thread, options: Mapping[str, Any]) -> Answer:
        wanted = [EVENTS.get(kind, "") for kind in options.get("itemTypes") or EVENTS]
        entries = [entry for entry in thread.timeline if entry.kind in wanted]
        return connection(entries, lambda entry: (entry.created,), self.entry, options)

    def entry(self, entry: Happening) -> Answer:
        shared = {
            "__typename": entry.kind,
            "id": f"E_{entry.created}",
            "createdAt": iso(entry.created),
        }
        if entry.kind == "TransferredEvent":
            found = self.world.find(entry.other)
            return shared | {"fromRepository": self.of_repository(found) if found else None}
        kind = "PullRequest" if "/pull/" in entry.other else "Issue"
        return shared | {"canonical": {"__typename": kind, "url": entry.other, "number": 0}}


def actor(account: Account | None) -> Answer | None:
    """Return an account as GraphQL shows it; None where it is gone."""
    if account is None:
        return None
    return {"__typename": account.kind, "login": account.login, "id": f"U_{account.login}"}


def label(name: str) -> Answer:
    """Return a label as GraphQL shows it."""
    return {"__typename": "Label", "id": f"L_{name}", "name": name}


def connection(
    items: Sequence[Any],
    key: Callable[[Any], tuple[Any, ...]],
    view: Callable[[Any], Answer],
    options: Mapping[str, Any],
    *,
    descending: bool = False,
) -> Answer:
    """Cut a page out of a list; a cursor holds the sort key, so that it survives changes."""
    first, last = options.get("first"), options.get("last")
    size = first if first is not None else last
    if size is None:
        raise GraphQLError(
            "You must provide a `first` or `last` value to properly paginate the connection.",
            extensions={"type": "MISSING_PAGINATION_BOUNDARIES"},
        )
    if not 1 <= size <= 100:
        raise GraphQLError(
            f"Requesting {size} records on the connection exceeds the limit of 100.",
            extensions={"type": "EXCESSIVE_PAGINATION"},
        )
    ordered = sorted(items, key=key, reverse=descending)
    before = 0
    if options.get("after"):
        bound = _uncursor(options["after"])
        before = len(ordered)
        ordered = [
            item for item in ordered if (key(item) < bound if descending else key(item) > bound)
        ]
        before -= len(ordered)
    page = ordered[:size] if first is not None else ordered[-size:]
    return {
        "totalCount": len(items),
        "nodes": [view(item) for item in page],
        "pageInfo": {
            "hasNextPage": first is not None and len(ordered) > size,
            "hasPreviousPage": before > 0,
            "startCursor": _cursor(key(page[0])) if page else None,
            "endCursor": _cursor(key(page[-1])) if page else None,
        },
    }


def _cursor(key: tuple[Any, ...]) -> str:
    return base64.b64encode(b"cursor:v2:" + json.dumps(key).encode()).decode()


def _uncursor(cursor: str) -> tuple[Any, ...]:
    try:
        return tuple(json.loads(base64.b64decode(cursor, validate=True)[len(b"cursor:v2:") :]))
    except ValueError:
        raise GraphQLError(
            f"`{cursor}` does not appear to be a valid cursor.",
            extensions={"type": "INVALID_CURSOR_ARGUMENTS"},
        ) from None
