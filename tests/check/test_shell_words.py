"""A shell script becomes the words of its commands, in time that grows as the script does."""

import shlex
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.check.command import Command, read_command
from firstmile.check.shell_words import MOST_COMMANDS, commands_of

SHAPES: dict[str, Callable[[int], str]] = {
    "assignments": lambda size: ";".join(f"a{place}=1" for place in range(size // 7)),
    "commands": lambda size: "x y;" * (size // 4),
    "arguments": lambda size: "$@ " * (size // 3),
    "variables": lambda size: f"A={'x' * (size // 8)}\necho {'$A' * (size // 3)}\n",
    "open quotes": lambda size: "'" + "\n" * size,
    "quotes of quotes": lambda size: '"a\\"\n' * (size // 5),
    "one word": lambda size: "x" * size,
    "open brackets": lambda size: "$(" * (size // 2),
    "subshells": lambda size: "(a=1;" * (size // 5),
    "subshells beside each other": lambda size: "(cd a);" * (size // 7),
    "written files": lambda size: "x >a;" * (size // 5),
    "here-documents": lambda size: "".join(f"x <<A{place}\n" for place in range(size // 10)),
    "defaults": lambda size: "${a:-" * (size // 5),
}


def words(text: str) -> tuple[list[list[str]], list[str]]:
    unread: list[str] = []
    return list(commands_of(text, unread)), unread


def test_what_is_written_and_where_subshells_lie_is_told_where_it_is_asked_for() -> None:
    written: list[str] = []
    text = "a >b 2>&1 <c; (d >>'e f' &>$g)"
    found = list(commands_of(text, [], written=written, brackets=True))
    assert found == [["a"], ["("], ["d"], [")"]]
    assert written == ["b", "e f", "$g"]
    assert words(text) == ([["a"], ["d"]], [])


def seconds(script: str) -> float:
    command = Command(
        words=("bash", "x.sh", "a" * 3_000, "b" * 3_000), read_text={"x.sh": script}.get
    )
    began = time.process_time()
    assert read_command(command) is not None
    return time.process_time() - began


@pytest.mark.parametrize("shape", SHAPES)
def test_time_grows_as_the_script_does(shape: str) -> None:
    make = SHAPES[shape]
    small, large = seconds(make(15_000)), seconds(make(120_000))
    assert large < 16 * small + 1.5


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a 'b c' \"d $E\" f\\ g", [["a", "b c", "d $E", "f g"]]),
        ("a; b && c || d | e & (f)", [["a"], ["b"], ["c"], ["d"], ["e"], ["f"]]),
        ("a b \\\n  c # d\n# e\nf#g", [["a", "b", "c"], ["f#g"]]),
        ("a > log b 2>&1 c &> all 2>/dev/null d", [["a", "b", "c", "d"]]),
        ("a 2 >&2 'b\nc' <<< text ''", [["a", "2", "b\nc", ""]]),
        (
            'cat > ds.json <<\'EOF\'\n{"a": "it\'s"\nEOF\nb <<-X c\n\tx;y\n\tX\nd',
            [["cat"], ["b", "c"], ["d"]],
        ),
        (
            "n=$(nvidia-smi -L | wc -l) a $((1 + 2)) `b c`",
            [["n=$(nvidia-smi -L | wc -l)", "a", "$((1 + 2))", "`b c`"]],
        ),
    ],
)
def test_what_a_shell_parts_is_parted(text: str, told: list[list[str]]) -> None:
    assert words(text) == (told, [])


def test_a_line_with_an_open_quote_is_named_and_passed_by() -> None:
    found, unread = words("echo it's\nvllm serve m\n")
    assert found == [["vllm", "serve", "m"]]
    assert unread == ["echo it's (its quotes do not close)"]


def test_a_document_that_does_not_end_takes_the_rest() -> None:
    assert words("a <<E\nb\n") == ([["a"]], ["what follows <<E (it does not end)"])


def test_no_more_commands_are_read_than_a_script_has() -> None:
    found, unread = words("a\n" * 2 * MOST_COMMANDS)
    assert len(found) == MOST_COMMANDS
    assert unread == [f"what follows {MOST_COMMANDS} commands"]


@given(st.lists(st.text(alphabet="ab '\"\\$#;&|()<>\n-=`", max_size=8), min_size=1, max_size=5))
def test_words_that_are_quoted_come_back(said: list[str]) -> None:
    assert words(shlex.join(said)) == ([said], [])


@given(st.text(alphabet="ab '\"\\$#;&|()<>\n\t-={}`E0", max_size=60))
def test_any_text_comes_to_an_end(text: str) -> None:
    found, _ = words(text)
    assert all(each for each in found)
