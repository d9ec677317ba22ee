"""What firstmile.toml accepts: each with a reason, nothing silently ignored, whatever it holds."""

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.check.suppressions import suppressions_of
from firstmile.errors import UserError
from firstmile.taxonomy.toml_text import read_toml

IDS = ("padding-token-is-missing", "weights-are-all-zero")


def of(text: str) -> list[tuple[str, str, date | None]]:
    found = suppressions_of(read_toml(text, "firstmile.toml"), IDS, name="firstmile.toml")
    return [(one.check, one.reason, one.until) for one in found]


def refused(text: str) -> str:
    with pytest.raises(UserError) as found:
        of(text)
    return str(found.value)


def one(**changes: str) -> str:
    stated = {"id": f'"{IDS[0]}"', "reason": '"we never batch"', **changes}
    return "[[check.suppress]]\n" + "\n".join(f"{key} = {value}" for key, value in stated.items())


def test_a_suppression_has_a_check_a_reason_and_perhaps_a_last_day() -> None:
    assert of(one()) == [(IDS[0], "we never batch", None)]
    assert of(one(until="2030-01-31")) == [(IDS[0], "we never batch", date(2030, 1, 31))]
    assert of("") == of("[check]") == []


def test_it_holds_until_the_end_of_its_last_day() -> None:
    tables = read_toml(one(until="2030-01-31"), "x")
    (found,) = suppressions_of(tables, IDS, name="x")
    assert found.holds(date(2030, 1, 31))
    assert not found.holds(date(2030, 2, 1))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[[check.suppress]]\nid = "padding-token-is-missing"', "gives no reason"),
        (one(reason='"  "'), "gives no reason"),
        (one(reason="3"), "gives no reason"),
        (one(reason='"' + "x" * 501 + '"'), "500 characters"),
        ('[[check.suppress]]\nreason = "x"', "names no check"),
        (one(id='"padding-token-is-misssing"'), "did you mean padding-token-is-missing?"),
        (one(id='"zzz"'), "which is no check."),
        (one(until='"soon"'), "no date"),
        (one(until="2030-01-31T10:00:00Z"), "no date"),
        (one(because='"x"'), "'because', which nothing reads"),
        (f"{one()}\n{one()}", "twice"),
        ("[checks]\n", "'checks', which nothing reads"),
        ("[check]\nsuppress = 3", "no list of tables"),
        ("[check]\nsupress = []", "'supress', which nothing reads"),
        ("check = 3", "no table"),
        ("[check", "not valid TOML"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(text: str, says: str) -> None:
    assert says in refused(text)
    assert "\n" not in refused(text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["id", "reason", "until", "x"]), inner, max_size=3)
        ),
    )
)
def test_any_tree_is_read_or_refused(tree: object) -> None:
    for tables in ({"check": tree}, {"check": {"suppress": tree}}):
        with contextlib.suppress(UserError):
            suppressions_of(tables, IDS, name="x")
