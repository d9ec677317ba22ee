"""Labels and issues as the tests of exchange need them."""

from hypothesis import strategies as st

from firstmile.study.decisions import Confidence, LabelValue
from firstmile.study.exchange import Known, RaterLabel
from firstmile.study.issues import Issue
from firstmile.taxonomy import Axis, load_taxonomy

CODEBOOK = load_taxonomy()
RATERS = ("ann", "ben", "cid")
USERS = {"ann": "3", "ben": "ben@example.com", "cid": "7"}
KNOWN = Known(codebook=CODEBOOK, raters=RATERS, users={user: name for name, user in USERS.items()})
CODES = {axis: [term.code for term in CODEBOOK.of(axis)] for axis in Axis}


def address(number: int) -> str:
    """Return the address of an issue that does not exist."""
    return f"https://github.com/example/project/issues/{2 * number + 1}"


def an_issue(number: int) -> Issue:
    """Return an issue with a hostile text."""
    return Issue(
        origin="github",
        repository="example/project",
        number=number,
        url=address(number),
        title="=1+1 <script>alert(1)</script>",
        body="\x00 \u202e ]]> </Text> \ud800",
    )


@st.composite
def values(draw: st.DrawFn, *, texts: st.SearchStrategy[str]) -> LabelValue:
    """Draw labels as a page takes them: each axis has a code or cannot be told."""
    codes: dict[str, str | None] = {}
    open_axes = []
    for axis in Axis:
        code = draw(st.none() | st.sampled_from(CODES[axis]))
        codes[axis.value] = code
        if code is None:
            open_axes.append(axis.value)
    return LabelValue(
        symptom=codes["symptom"],
        cause=codes["cause"],
        stage=codes["stage"],
        confidence=draw(st.sampled_from(Confidence)),
        quote=draw(texts),
        note=draw(texts),
        cannot_tell=tuple(open_axes),
    )


@st.composite
def labels(draw: st.DrawFn, *, texts: st.SearchStrategy[str]) -> list[RaterLabel]:
    """Draw labels of some issues, each rater once an issue, an issue in one round."""
    places = st.tuples(st.integers(0, 4), st.sampled_from(RATERS))
    return [
        RaterLabel(issue=address(issue), rater=rater, value=draw(values(texts=texts)), round=issue)
        for issue, rater in draw(st.lists(places, unique=True, max_size=6))
    ]
