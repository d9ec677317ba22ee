"""The output of a run is kept in bounded memory, whole lines at a time."""

from hypothesis import given
from hypothesis import strategies as st

from firstmile.diagnose.reading import text_of
from firstmile.run.capture import Capture

LINES = st.lists(st.binary(max_size=40).map(lambda one: one.replace(b"\n", b"") + b"\n"))


@given(st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=30)), max_size=30))
def test_a_short_output_is_kept_whole(pieces: list[tuple[int, bytes]]) -> None:
    capture = Capture()
    for stream, data in pieces:
        capture.add(stream, data)
    kept = capture.text()
    for number in (1, 2):
        whole = b"".join(data for stream, data in pieces if stream == number)
        for line in whole.split(b"\n"):
            assert text_of(line) in kept
    assert capture.seen_bytes == sum(len(data) for _, data in pieces)


@given(LINES, st.integers(0, 60), st.integers(1, 60))
def test_of_a_long_output_the_beginning_and_the_end_are_kept(
    lines: list[bytes], head: int, tail: int
) -> None:
    capture = Capture(head_bytes=head, tail_bytes=tail)
    for line in lines:
        capture.add(1, line)
    whole = b"".join(lines)
    kept = capture.text()
    if len(whole) <= head + tail:
        assert kept == text_of(whole)
    else:
        left_out = len(whole) - head - tail
        middle = f"\n[{left_out} bytes of output are not kept here]\n".encode()
        expected = whole[:head] + middle + whole[-tail:]
        assert kept == text_of(expected)


def test_lines_of_two_streams_do_not_end_up_in_one_another() -> None:
    capture = Capture()
    for stream, data in ((1, b"one "), (2, b"two "), (1, b"line\n"), (2, b"lines\n")):
        capture.add(stream, data)
    assert capture.text() == "one line\ntwo lines\n"


def test_a_line_without_end_does_not_wait_for_ever() -> None:
    capture = Capture(head_bytes=10, tail_bytes=1000)
    for _ in range(1000):
        capture.add(1, b"\r" + b"#" * 1000)
    assert len(capture.text()) < 70_000
    assert "bytes of output are not kept here" in capture.text()


def test_bytes_that_are_no_text_are_not_taken_for_a_broken_streamer() -> None:
    capture = Capture()
    capture.add(1, b"weights \xff\xfe of \xe6\xa8\xa1\xe5\x9e\x8b\n")
    assert capture.text() == "weights □□ of 模型\n"
