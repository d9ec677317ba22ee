"""An entry is read from its Markdown, and a broken one is one sentence that names it."""

from pathlib import Path

import pytest

from firstmile.errors import UserError
from firstmile.knowledge.entries import LONGEST_ENTRY, read_entries, read_entry
from firstmile.knowledge.matching import Signatures, ranked

FRONT = """\
+++
title = "Something broke"
symptom = "crash/other"
cause = "api/compatibility"
status = "field"
written_from = ["https://example.org/1"]

[[signatures]]
pattern = 'it broke'
+++
"""
BODY = """\
## What happens
It breaks.

## Why
It was old.

## Fix

    pip install new

It worked when nothing breaks.

## Examples
```match
## Fix
it broke
```
````no-match
```
it holds
```
````
"""


def test_an_entry_has_its_sections_and_samples() -> None:
    entry = read_entry("something-broke", FRONT + BODY)
    assert entry.what_happens == "It breaks."
    assert entry.fix.startswith("    pip install new\n")
    assert entry.match == ("## Fix\nit broke",)
    assert entry.no_match == ("```\nit holds\n```",)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("+++", "---"), "does not begin with a front matter"),
        (('title = "Something broke"\n', ""), "lacks 'title'"),
        (('status = "field"', 'status = "seen"'), "'seen' is not a valid"),
        (('cause = "api/compatibility"', 'cause = "api/compat"'), "no term 'api/compat'"),
        (("status =", "state = 1\nstatus ="), "unknown key 'state'"),
        (("pattern = 'it broke'", "patern = 'it broke'"), "unknown key 'patern' in a signature"),
        (("pattern = 'it broke'", "pattern = ''"), "1 to 500 characters"),
        (("pattern = 'it broke'", "pattern = 'x'\nalso = 'y'"), "not a list of texts"),
        (("## Why", "## Wherefore"), "unknown heading 'Wherefore'"),
        (("## Why", "## Fix"), "stands twice"),
        (("````no-match", "`````no-match"), "is not closed"),
        (("## Fix\n\n", ""), "lacks 'Fix'"),
    ],
)
def test_a_broken_entry_is_one_sentence_with_its_name(change: tuple[str, str], said: str) -> None:
    text = (FRONT + BODY).replace(*change, 1)
    if "+++" in change:
        text = text.removeprefix("---")
    with pytest.raises(UserError, match="something-broke") as caught:
        read_entry("something-broke", text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [("(", "no RE2 pattern"), ("a*", "met by an empty line"), (r"(?=x)", "no RE2 pattern")],
)
def test_a_signature_that_is_unsound_is_refused(pattern: str, said: str) -> None:
    entry = read_entry("something-broke", (FRONT + BODY).replace("it broke", pattern, 1))
    with pytest.raises(UserError, match=said):
        Signatures([entry])


def test_a_pattern_that_explodes_is_refused() -> None:
    text = (FRONT + BODY).replace("'it broke'", "'((a{200}){100}b){50}'", 1)
    with pytest.raises(UserError):
        Signatures([read_entry("something-broke", text)])


def test_a_file_that_is_too_long_or_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "long.md").write_text(FRONT + BODY + "x" * LONGEST_ENTRY, encoding="utf-8")
    with pytest.raises(UserError, match=r"long\.md is too long"):
        read_entries(tmp_path)
    (tmp_path / "long.md").write_bytes(b"\xff\xfe")
    with pytest.raises(UserError, match=r"long\.md cannot be read as text"):
        read_entries(tmp_path)


def test_also_unless_hint_and_consequence_rank_as_they_say() -> None:
    def entry(name: str, signature: str) -> str:
        return (FRONT + BODY).replace("pattern = 'it broke'", signature, 1)

    kinds = {
        "decides": "pattern = 'broke'",
        "asks-more": "pattern = 'broke'\nalso = ['first']",
        "follows": "pattern = 'broke'\nconsequence = true",
        "hints": "pattern = 'broke'\nhint = true",
        "forbids": "pattern = 'broke'\nunless = ['first']",
    }
    entries = [read_entry(name, entry(name, text)) for name, text in kinds.items()]
    found = ranked(Signatures(entries).hits(["first", "it broke"]))
    assert [match.entry.id for match in found] == ["asks-more", "decides", "follows", "hints"]
    assert [match.lines for match in found] == [(1,)] * 4
    alone = ranked(Signatures(entries).hits(["it broke"]))
    assert [match.entry.id for match in alone] == ["decides", "forbids", "follows", "hints"]
