"""Every reader of command lines keeps the contract: its examples, and no word lost in silence."""

from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.check.command import Command, Reader, Reading, find_readers, read_command, words_of
from firstmile.check.intent import Intent, Parallel, Sampling

READERS = find_readers()
EACH = pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
NAMES = set(Intent.__struct_fields__)


def command_of(reading: Reading) -> Command:
    """Return an example's command with its files."""
    return Command(words=tuple(words_of(reading.command)), read_text=reading.files.get)


@EACH
def test_its_docstring_names_what_it_reads(reader: Reader) -> None:
    assert reader.__doc__
    assert len(list(reader.examples())) >= 2


@EACH
def test_its_examples_are_read_as_they_say(reader: Reader) -> None:
    for example in reader.examples():
        intent = read_command(command_of(example))
        assert intent is not None, example.command
        for path, value in example.expects.items():
            found: Any = reduce(getattr, path.split("."), intent)
            assert found == value, f"{path} of {example.command}"


@EACH
def test_no_other_reader_takes_its_commands(reader: Reader) -> None:
    for example in reader.examples():
        words = command_of(example).words
        while words and ("=" in words[0] and not words[0].startswith("-")):
            words = words[1:]
        bare = Command(words=words)
        assert [each.__name__ for each in READERS if each.reads(bare)] == [reader.__name__]


@EACH
@given(more=st.lists(st.text(max_size=12), max_size=6))
def test_hostile_words_are_read_or_named_and_never_break_it(
    reader: Reader, more: list[str]
) -> None:
    example = next(iter(reader.examples()))
    command = command_of(example)
    intent = read_command(Command(words=(*command.words, *more), read_text=command.read_text))
    assert intent is not None
    assert isinstance(intent.parallel, Parallel)
    assert isinstance(intent.sampling, Sampling)


@EACH
def test_a_flag_that_nobody_knows_is_named(reader: Reader) -> None:
    example = next(iter(reader.examples()))
    command = command_of(example)
    strange = Command(words=(*command.words, "--qzxwv", "7"), read_text=command.read_text)
    intent = read_command(strange)
    assert intent is not None
    assert any("qzxwv" in each for each in intent.unread), intent.unread
