"""Our queries, and the invented server's schema, agree with the schema that GitHub publishes."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    parse,
    validate,
)
from graphql.type import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLUnionType,
)

from firstmile.study.github import queries
from sources.github_server.graphql import schema as spoken

QUERIES = {
    "issues": queries.ISSUES,
    "one issue": queries.ONE_ISSUE,
    "numbers": queries.NUMBERS,
    "more comments": queries.more_comments(range(10)),
}


@pytest.fixture(scope="session")
def published() -> GraphQLSchema:
    """Return GitHub's schema; without a copy of it skip, or fail where nothing may be skipped."""
    checkout = Path(__file__).resolve().parents[3]
    path = Path(
        os.environ.get("FIRSTMILE_GITHUB_SCHEMA")
        or checkout / ".cache" / "github-schema" / "schema.graphql"
    )
    if path.is_file():
        return build_schema(path.read_text(encoding="utf-8"), assume_valid=True)
    reason = (
        f"GitHub's schema is not at {path}: take schema.graphql from the package "
        "@octokit/graphql-schema, or set FIRSTMILE_GITHUB_SCHEMA"
    )
    pytest.skip(reason)


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_is_valid_in_the_published_schema(published: GraphQLSchema, name: str) -> None:
    assert validate(published, parse(QUERIES[name])) == []


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_is_valid_on_the_invented_server(name: str) -> None:
    assert validate(spoken(), parse(QUERIES[name])) == []


def test_a_field_that_github_does_not_have_is_noticed(published: GraphQLSchema) -> None:
    wrong = parse(queries.ISSUES.replace("lastEditedAt", "lastChangedAt"))
    assert validate(published, wrong)
    assert validate(spoken(), wrong)


def test_the_invented_server_has_nothing_that_github_lacks(published: GraphQLSchema) -> None:
    compared = 0
    ours: dict[str, Any] = dict(spoken().type_map)
    for name, kind in ours.items():
        if name.startswith("__"):
            continue
        there: Any = published.type_map[name]
        assert type(kind) is type(there), name
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field_name, field in kind.fields.items():
                same = there.fields[field_name]
                assert str(field.type) == str(same.type), f"{name}.{field_name}"
                arguments = {a: str(v.type) for a, v in field.args.items()}
                assert arguments.items() <= {a: str(v.type) for a, v in same.args.items()}.items()
                compared += 1
        elif isinstance(kind, GraphQLInputObjectType):
            for field_name, given in kind.fields.items():
                assert str(given.type) == str(there.fields[field_name].type)
        elif isinstance(kind, GraphQLEnumType):
            assert set(kind.values) <= set(there.values), name
        elif isinstance(kind, GraphQLUnionType):
            assert {t.name for t in kind.types} <= {t.name for t in there.types}, name
    assert compared > 60


def test_a_page_stays_within_the_node_limit() -> None:
    from sources.github_server.graphql import MOST_NODES, _Weighing

    weighing = _Weighing(parse(queries.ISSUES), {"first": 100, "comments": 100})
    assert 10_000 < weighing.nodes < MOST_NODES / 10
    assert weighing.cost <= 4


def test_more_comments_names_its_places() -> None:
    made: Callable[..., str] = queries.more_comments
    assert "issue3: node(id: $id3)" in made([3])
