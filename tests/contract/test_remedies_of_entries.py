"""What a diagnosis says is to be done is the entry's own text: a person copies it into a shell.

A log is written by anybody. Nothing that it names stands in a remedy or in a command that asks for
more, so that no quotation mark, no substitution and no new line of it can act there.
"""

import re
from typing import Final

import pytest

from firstmile.diagnose.hypotheses import Diagnosis
from firstmile.diagnose.judging import packaged
from firstmile.diagnose.reading import read_lines
from firstmile.knowledge import Entry, load_entries

ENTRIES: Final = load_entries()
FIX_OF: Final = {entry.id: entry.fix for entry in ENTRIES}
MARK: Final = "zq7"
HOSTILE: Final = f"$({MARK})`{MARK}`'; {MARK}; '\"; {MARK} #\n{MARK}\n\x1b]0;{MARK}\x07\x1b[2J"
LONG: Final = MARK * 20_000
NAME: Final = re.compile(r"(?<=['\"`])[^'\"`\n]{2,60}(?=['\"`])|/[\w./-]{4,}")
"""What messages name: words in quotation marks, and paths."""
CODE: Final = re.compile(r"^    (.+)$|`([^`\n]+)`", re.MULTILINE)
COMMAND: Final = re.compile(
    r"(?:\$ )?(?:sudo |[A-Z_]{3,}=\S+ )*(?:pip|python3?|hf|git|vllm|ollama|llama-\w+|export|curl|"
    r"wget|docker|conda|apt(?:-get)?|torchrun|accelerate|deepspeed|rm|mv|cp|cmake|unset|kubectl|tar)\s"
)
PLACEHOLDER: Final = re.compile(r"<[A-Za-z][\w -]*>|\.\.\. ?>|\s>\s*\.\.\.")
"""What a shell reads as a file to read from."""
CONTROLS: Final = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]"
)


def diagnosed(text: str) -> Diagnosis:
    return packaged(in_bulk=True).diagnose(tuple(read_lines(text)))


def texts_to_copy(diagnosis: Diagnosis) -> list[str]:
    """Return all that a diagnosis tells its reader to run."""
    return [each.fix for each in diagnosis.remedies] + [
        text for each in diagnosis.questions for text in (each.what, each.command)
    ]


def named(hostile: str, sample: str) -> str:
    """Return a sample that names something hostile wherever it names something."""
    return NAME.sub(lambda found: f"{found[0]}{hostile}", sample)


def test_nothing_that_a_log_names_stands_in_what_is_to_be_copied() -> None:
    told = 0
    for entry in ENTRIES:
        sample = entry.match[0]
        for text in (named(HOSTILE, sample), f"{HOSTILE}\n{sample}\n{HOSTILE}"):
            told += check(diagnosed(text))
    assert told > len(ENTRIES)


def test_nor_does_anything_very_long() -> None:
    assert sum(check(diagnosed(named(LONG, entry.match[0]))) for entry in ENTRIES[::20])


def check(diagnosis: Diagnosis) -> int:
    """Hold what is to be copied against the entries, and return how many remedies there are."""
    assert not [each for each in texts_to_copy(diagnosis) if MARK in each]
    for each in diagnosis.remedies:
        assert each.fix == FIX_OF[each.entry]
    return len(diagnosis.remedies)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_no_command_of_a_fix_has_a_placeholder_that_a_shell_acts_on(entry: Entry) -> None:
    assert not CONTROLS.search(entry.fix)
    commands = (found[1] or found[2] for found in CODE.finditer(entry.fix))
    acting = [each for each in commands if COMMAND.match(each) and PLACEHOLDER.search(each)]
    assert not acting
