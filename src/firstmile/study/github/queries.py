"""What is asked of GitHub's GraphQL API; a test validates it against the published schema."""

from collections.abc import Sequence
from typing import Final

_COMMENTS: Final = """
fragment Comments on IssueCommentConnection {
  totalCount
  pageInfo { hasNextPage endCursor }
  nodes {
    id
    body
    author { login __typename }
    authorAssociation
    createdAt
    updatedAt
    lastEditedAt
    isMinimized
    minimizedReason
  }
}
"""

_WHOLE_ISSUE: Final = (
    """
fragment WholeIssue on Issue {
  id
  number
  url
  title
  body
  state
  stateReason(enableDuplicate: true)
  createdAt
  updatedAt
  closedAt
  lastEditedAt
  locked
  activeLockReason
  author { login __typename }
  authorAssociation
  labels(first: 100) { nodes { name } }
  comments(first: $comments) { ...Comments }
  timelineItems(
    last: 20
    itemTypes: [TRANSFERRED_EVENT, MARKED_AS_DUPLICATE_EVENT, UNMARKED_AS_DUPLICATE_EVENT]
  ) {
    nodes {
      __typename
      ... on TransferredEvent { createdAt fromRepository { nameWithOwner } }
      ... on MarkedAsDuplicateEvent {
        createdAt
        canonical { ... on Issue { url } ... on PullRequest { url } }
      }
      ... on UnmarkedAsDuplicateEvent {
        createdAt
        canonical { ... on Issue { url } ... on PullRequest { url } }
      }
    }
  }
}
"""
    + _COMMENTS
)

ISSUES: Final = (
    """
query Issues(
  $owner: String!
  $name: String!
  $first: Int!
  $comments: Int!
  $after: String
  $filter: IssueFilters
  $order: IssueOrderField!
) {
  repository(owner: $owner, name: $name) {
    nameWithOwner
    issues(
      first: $first
      after: $after
      filterBy: $filter
      orderBy: { field: $order, direction: ASC }
    ) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { ...WholeIssue }
    }
  }
}
"""
    + _WHOLE_ISSUE
)

ONE_ISSUE: Final = (
    """
query OneIssue($owner: String!, $name: String!, $number: Int!, $comments: Int!) {
  repository(owner: $owner, name: $name) {
    nameWithOwner
    issue(number: $number) { ...WholeIssue }
  }
}
"""
    + _WHOLE_ISSUE
)

NUMBERS: Final = """
query Numbers($owner: String!, $name: String!, $after: String) {
  repository(owner: $owner, name: $name) {
    nameWithOwner
    issues(first: 100, after: $after, orderBy: { field: CREATED_AT, direction: ASC }) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { number createdAt }
    }
  }
}
"""


def more_comments(places: Sequence[int]) -> str:
    """Return a query for the next comments of several issues, at most `first` of each.

    Issue number `place` takes the variables `id…` and `after…`, and answers as `issue…`.
    """
    variables = "".join(f", $id{n}: ID!, $after{n}: String" for n in places)
    parts = "".join(
        f"  issue{n}: node(id: $id{n}) {{ ... on Issue {{ "
        f"comments(first: $first, after: $after{n}) {{ ...Comments }} }} }}\n"
        for n in places
    )
    return f"query MoreComments($first: Int!{variables}) {{\n{parts}}}\n{_COMMENTS}"
