"""YAML and JSON of strangers are read with bounds, and each way to fail is said."""

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.check.written_files import fields_of, yaml_of
from firstmile.facts.machine import UnreadableError

pytest.importorskip("yaml")


def test_fields_are_told_apart_by_the_ending() -> None:
    files = {"a.yaml": "a: 1\n2: b\n", "b.json": '{"a": [1]}'}
    assert fields_of("a.yaml", files.get) == {"a": 1, "2": "b"}
    assert fields_of("b.json", files.get) == {"a": [1]}


def test_aliases_and_merges_of_everyday_files_are_resolved() -> None:
    text = "base: &b {x: 1}\none: {<<: *b, y: 2}\ntwo: *b\n"
    assert yaml_of(text) == {"base": {"x": 1}, "one": {"x": 1, "y": 2}, "two": {"x": 1}}


def bomb(join: str) -> str:
    """Return aliases of aliases, that stand for ten to the tenth values."""
    lines = ["a0: &a0 {k: v}"]
    for level in range(1, 11):
        held = ", ".join([f"*a{level - 1}"] * 10)
        lines.append(f"a{level}: &a{level} " + join.format(held))
    return "\n".join(lines)


@pytest.mark.parametrize(
    "text",
    [
        bomb("[{}]"),
        bomb("{{<<: [{}]}}"),
        "a: &a [*a]",
        "a: *nowhere",
        "[" * 5_000,
        "{a: " * 5_000,
        "a: " + "1:" * 50_000 + "1",
        "a: " + "9" * 5_000,
        "x: 1\n" * 200_000,
        "a: !!python/object/apply:os.system [id]",
        "a: 2026-99-99",
        "a: !!binary x",
        "? {}\n: 1",
        "a: [",
        "%YAML 9.9\n--- a",
        "a: \x07",
    ],
)
def test_bombs_and_broken_files_are_refused_quickly(text: str) -> None:
    began = time.perf_counter()
    with pytest.raises(UnreadableError):
        yaml_of(text)
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    ("text", "says"),
    [(None, "cannot be read"), ("- a", "no set of fields"), ("a: b: c", "in line 1")],
)
def test_the_reason_is_said(text: str | None, says: str) -> None:
    with pytest.raises(UnreadableError, match=says):
        fields_of("x.yaml", lambda _path: text)


@given(
    text=st.text(alphabet=st.characters(), max_size=80)
    | st.text("[]{}:-&*<!?|>#'\" \na1", max_size=80)
)
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(UnreadableError):
        yaml_of(text)
