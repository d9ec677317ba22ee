"""Exceptions are found in logs, whole or cut off, of one process or of several mixed."""

from hypothesis import given
from hypothesis import strategies as st

from firstmile.diagnose.raised import Raised, find_raised, first_causes
from firstmile.diagnose.reading import read_lines


def raised(text: str) -> tuple[Raised, ...]:
    return find_raised(list(read_lines(text)))


SIMPLE = """\
loading
Traceback (most recent call last):
  File "/home/user/run.py", line 3, in main
    model = load()
            ^^^^^^
  File "/home/user/load.py", line 9, in load
    raise ValueError("no such model")
ValueError: no such model
try another name

done
"""


def test_a_traceback_has_type_message_place_and_frames() -> None:
    (found,) = raised(SIMPLE)
    assert (found.type, found.message) == ("ValueError", "no such model\ntry another name")
    assert (found.first, found.last) == (1, 7)
    assert [frame.function for frame in found.frames] == ["main", "load"]


def test_mixed_ranks_are_told_apart() -> None:
    text = """\
[rank1]: Traceback (most recent call last):
[rank0]: Traceback (most recent call last):
[rank1]:   File "a.py", line 3, in f
[rank0]:   File "b.py", line 4, in g
[rank1]: torch.OutOfMemoryError: CUDA out of memory.
[rank0]: torch.distributed.DistBackendError: NCCL error
"""
    first, second = raised(text)
    assert (first.rank, first.name, first.frames[0].file) == (1, "OutOfMemoryError", "a.py")
    assert (second.rank, second.name, second.frames[0].file) == (0, "DistBackendError", "b.py")


def test_a_chained_exception_follows_the_one_it_was_raised_from() -> None:
    text = """\
Traceback (most recent call last):
  File "a.py", line 1, in f
KeyError: 'qwen2'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "b.py", line 2, in g
ValueError: unknown architecture
"""
    first, second = raised(text)
    assert (first.follows, second.follows) == (None, 0)
    assert first_causes((first, second)) == (first,)


def test_two_failures_in_a_row_do_not_follow_each_other() -> None:
    assert [each.follows for each in raised(SIMPLE + SIMPLE)] == [None, None]


def test_a_traceback_without_head_still_gives_its_end() -> None:
    (found,) = raised('  File "a.py", line 1, in f\n    x\nKeyError: 1\n')
    assert (found.name, found.first, found.last) == ("KeyError", 0, 2)


def test_a_traceback_without_end_raises_nothing() -> None:
    assert raised('Traceback (most recent call last):\n  File "a.py", line 1, in f\n') == ()


def test_warnings_and_prose_are_no_exceptions() -> None:
    text = "UserWarning: old\nFutureWarning: x\nThe ValueError is gone now\nerror: none\n"
    assert raised(text) == ()


def test_an_exception_of_any_name_ends_a_traceback() -> None:
    text = 'Traceback (most recent call last):\n  File "a.py", line 1\nhttpx.Boom: bad\nx.Y: z\n'
    (found,) = raised(text)
    assert (found.type, found.message) == ("httpx.Boom", "bad\nx.Y: z")


@given(
    st.lists(
        st.sampled_from(
            [
                *SIMPLE.split("\n"),
                "[rank1]: Traceback (most recent call last):",
                '[rank1]:   File "a.py", line 1, in f',
                "[rank1]: KeyError: 2",
                "During handling of the above exception, another exception occurred:",
            ]
        ),
        max_size=40,
    )
)
def test_whatever_is_cut_or_mixed_the_places_are_in_order(lines: list[str]) -> None:
    found = raised("\n".join(lines))
    for number, each in enumerate(found):
        assert 0 <= each.first <= each.last < len(lines)
        assert each.follows is None or each.follows < number
    assert [each.last for each in found] == sorted(each.last for each in found)


def test_an_exception_of_a_class_within_a_function_is_raised() -> None:
    text = (
        "Traceback (most recent call last):\n"
        '  File "train.py", line 3, in <module>\n'
        "app.make.<locals>.Stopped: the loader is gone\n"
        "app.make.<locals>.LoaderError: it closed\n"
    )
    stopped, closed = find_raised(tuple(read_lines(text)))
    assert (stopped.type, stopped.name) == ("app.make.<locals>.Stopped", "Stopped")
    assert stopped.message == "the loader is gone"
    assert (closed.name, closed.message) == ("LoaderError", "it closed")
