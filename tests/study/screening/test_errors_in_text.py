import time

import pytest

from firstmile.study.screening.errors_in_text import (
    error_lines,
    fingerprint,
    without_particulars,
    without_status,
)


def test_numbers_paths_addresses_and_prefixes_make_no_difference() -> None:
    prefix = "(Worker pid=17) ERROR 10-17 22:24:11 worker.py:233] "
    first = f"{prefix}ValueError: layer 12 of /home/a/m/x.bin at 0x7f3a lacks weights"
    second = "ValueError: layer 7 of /data/models/y.bin at 0xdeadbeef lacks weights"
    assert fingerprint(first) == fingerprint(second)
    assert fingerprint(first) == "valueerror: layer # of <path> at # lacks weights"


def test_names_tell_errors_apart() -> None:
    assert fingerprint("KeyError: 'lm_head.weight'") != fingerprint("KeyError: 'embed.weight'")


def test_a_named_exception_counts_outside_a_fence_and_talk_does_not() -> None:
    talk = "I get an error: it cannot find the file of my model"
    text = f"{talk}\nOSError: no tokenizer of that name is here"
    assert [line.fingerprint for line in error_lines(text)] == [
        "oserror: no tokenizer of that name is here"
    ]


def test_in_a_fence_programs_speak() -> None:
    text = "```\nerror: unknown argument --flash for this build\n```"
    assert len(error_lines(text)) == 1
    assert not error_lines(text.replace("`", ""))


@pytest.mark.parametrize(
    "line",
    [
        "RuntimeError: CUDA error: an illegal memory access was encountered",
        "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB of it",
        "RuntimeError: Engine core initialization failed. See root cause above for it",
        "raise ValueError(f'the shape of {name} is not the one expected here')",
        "2027-01-01T10:00:00Z some test of the framework (ERROR): Assertion failed",
        "UserWarning: the attention mask is not set and cannot be inferred",
        "ValueError: bad",
    ],
)
def test_what_says_too_little_is_passed_over(line: str) -> None:
    assert not error_lines(f"```\n{line}\n```")


def test_a_repeated_line_counts_once() -> None:
    line = "ValueError: rank 3 has no shard of this checkpoint"
    assert len(error_lines(f"{line}\n{line.replace('3', '4')}")) == 1


def test_of_a_bare_error_a_program_s_whole_line_goes_and_a_person_s_phrase() -> None:
    text = (
        "RuntimeError: CUDA out of memory. Tried to allocate 2 GiB, see the documentation of it\n"
        "CUDA out of memory when I load a model"
    )
    assert without_status(text.lower()).split() == ["when", "i", "load", "a", "model"]


def test_links_paths_and_addresses_are_particulars() -> None:
    text = "see https://example.org/a?b=c and /home/me/models/x.bin at 0x7f3a00 of it"
    assert without_particulars(text).split() == ["see", "and", "at", "of", "it"]


@pytest.mark.parametrize(
    "text",
    ["```\n" + "[a] " * 150 + "\n", "(" * 590, "0x" * 290, "/a" * 290, "a." * 290, "1:" * 290],
)
def test_hostile_lines_take_linear_time(text: str) -> None:
    start = time.process_time()
    error_lines("\n".join([f"ValueError: {text}"] * 300))
    assert time.process_time() - start < 3
