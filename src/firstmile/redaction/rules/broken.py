"""Tokens that a terminal, a mail or a form broke over lines: no line holds a whole one.

Half a token is no token by its look, so what tells one is that its parts have together exactly
the length that the service gives its tokens. Where a service gives several lengths, the line must
be as wide as a terminal, or the next be long, and what goes on there must look like no word. The
same holds for JSON web tokens, which are of any length.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from firstmile.redaction.rule import LEFT, Late, Rule, Turns

_MIXED: Final = "x1Y2z3W4" * 20
"""Stands for the random part of a secret in samples, so that no file holds a real-looking key."""

_LENGTHS: Final[dict[str, frozenset[int]]] = {
    "hf_": frozenset({34}),
    "api_org_": frozenset({34}),
    "ghp_": frozenset({36}),
    "gho_": frozenset({36}),
    "ghu_": frozenset({36}),
    "ghs_": frozenset({36}),
    "ghr_": frozenset({36, 76}),
    "github_pat_": frozenset({82}),
    "glpat-": frozenset({20}),
    "npm_": frozenset({36}),
    "gsk_": frozenset({52}),
    "nvapi-": frozenset({64}),
    "AIza": frozenset({35}),
    "sk-": frozenset({32, 48}),
    "sk-or-v1-": frozenset({64}),
}
"""Characters behind each prefix, as the services give them out."""

_OF_ANY_LENGTH: Final = ("sk-proj-", "sk-svcacct-", "sk-admin-", "sk-ant-")
_SHORTEST: Final = 40
_NARROWEST: Final = 60
"""Columns of a line that a terminal broke; a line of prose that ends in a key is shorter."""

_PREFIXES: Final = sorted((*_LENGTHS, *_OF_ANY_LENGTH), key=len, reverse=True)
_LONG_PART: Final = 16
"""Characters of a line that are no word by chance."""

_MOST_PARTS: Final = 6
_MOST_PARTS_OF_WEB_TOKEN: Final = 40
_BREAK: Final = (
    r"[\"']?[ \t]{0,80}+[\\=]?(?:\r\n?|\n|<[bB][rR] ?/?>(?:\r?\n)?)"
    r"(?:[ \t>|+#]|-(?=[ \t])){0,80}+[\"']?"
)
"""The end of a line and the beginning of the next, as shells, mails, diffs, comments and pages
write them: blanks, a backslash or `=` before the end, quotation marks, a prefix and an indent."""

_BEGINS: Final = "|".join(map(re.escape, _PREFIXES))
_PATTERN: Final = Late(
    f"{LEFT}(?P<prefix>{_BEGINS})"
    r"(?P<first>[A-Za-z0-9_-]{0,160}+)"
    rf"(?P<more>(?:{_BREAK}(?!{_BEGINS})[A-Za-z0-9_-]{{1,160}}+){{1,{_MOST_PARTS}}}+)"
)
_PART: Final = Late(rf"({_BREAK})([A-Za-z0-9_-]+)")
_WEB_TOKEN: Final = Late(
    rf"{LEFT}(?P<first>eyJ[A-Za-z0-9_.-]{{0,2000}}+)"
    rf"(?P<more>(?:{_BREAK}[A-Za-z0-9_.-]{{1,400}}+){{1,{_MOST_PARTS_OF_WEB_TOKEN}}}+)"
)
_PART_OF_WEB_TOKEN: Final = Late(rf"({_BREAK})([A-Za-z0-9_.-]+)")
_WHOLE_WEB_TOKEN: Final = Late(r"eyJ[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]{8,}+(?:\.[A-Za-z0-9_-]*+)?")


def _replaced(match: re.Match[str]) -> str:
    """Return the match with the token in it replaced: it may hold lines after the token too."""
    prefix, body = match["prefix"], match["first"]
    parts = list(_PART.compiled.finditer(match["more"]))
    if prefix in _OF_ANY_LENGTH:
        end = _end_of_any_length(match, len(body), parts)
    else:
        end = _end_of_known_length(_LENGTHS[prefix], body, parts)
    return f"<token>{match['more'][end:]}" if end else match.group()


def _end_of_known_length(lengths: frozenset[int], body: str, parts: list[re.Match[str]]) -> int:
    """Return where the token ends behind its first part, 0 where its parts make none.

    A first part that is as long as a whole token goes on only where the next looks like no word.
    """
    is_whole = len(body) in lengths
    for part in parts:
        body += part[2]
        if len(body) in lengths:
            found = _is_no_word(part[2]) if is_whole else _is_random(body)
            return part.end() if found else 0
    return 0


def _end_of_any_length(match: re.Match[str], size: int, parts: list[re.Match[str]]) -> int:
    end = 0
    for part in _going_on(match, parts):
        size, end = size + len(part[2]), part.end()
    return end if size >= _SHORTEST else 0


def _web_token_replaced(match: re.Match[str]) -> str:
    body, end = match["first"], 0
    for part in _going_on(match, list(_PART_OF_WEB_TOKEN.compiled.finditer(match["more"]))):
        body += part[2]
        if body.count(".") > 2:
            break
        if _WHOLE_WEB_TOKEN.compiled.fullmatch(body):
            end = part.end()
    return f"<json-web-token>{match['more'][end:]}" if end else match.group()


def _going_on(match: re.Match[str], parts: list[re.Match[str]]) -> Iterator[re.Match[str]]:
    """Yield the parts, from the first on, in which a token of any length goes on."""
    start = match.string.rfind("\n", max(0, match.start() - _NARROWEST), match.start()) + 1
    is_wide = match.end("first") - start >= _NARROWEST or start == 0 < match.start() - _NARROWEST
    for part in parts:
        if not (is_wide or len(part[2]) >= _LONG_PART) or not _is_no_word(part[2]):
            break
        yield part
        is_wide = True  # The last line of a token may be of any length.


def _is_random(text: str) -> bool:
    """Whether a text has digits between letters in the way that no name has."""
    digits = sum(map(str.isdigit, text))
    return digits >= len(text) / 16 and digits < len(text)


def _is_no_word(text: str) -> bool:
    changes = sum(a.isdigit() != b.isdigit() for a, b in pairwise(text))
    return changes >= 2 and any(map(str.isupper, text)) and any(map(str.islower, text))


RULES: Final = (
    Rule(
        id="token-over-lines",
        kind="token",
        about="Tokens of known forms that were broken over lines, behind their prefix.",
        anchors=tuple(prefix for prefix in _LENGTHS if prefix != "sk-or-v1-"),
        pattern=_PATTERN,
        replace=_replaced,
        turns=(
            Turns(
                f"$ export HF_TOKEN=hf_{_MIXED[:20]}\n{_MIXED[20:34]}\n$ python run.py",
                "$ export HF_TOKEN=<token>\n$ python run.py",
            ),
            Turns(f"hf_{_MIXED[:33]}\n{_MIXED[33:34]} is mine", "<token> is mine"),
            Turns(f"> ghp_{_MIXED[:10]}\r\n> {_MIXED[10:36]}\r\n> end", "> <token>\r\n> end"),
            Turns(
                f"git clone https://x:ghp_{_MIXED[:12]}\n{_MIXED[12:24]}\n{_MIXED[24:36]}@host",
                "git clone https://x:<token>@host",
            ),
            Turns(f"github_pat_{_MIXED[:22]}_{_MIXED[:40]}\n{_MIXED[40:59]}", "<token>"),
            Turns(f"key sk-{_MIXED[:30]}\\\n    {_MIXED[30:48]},", "key <token>,"),
            Turns(
                f"{'OPENAI_API_KEY='.rjust(40)}sk-proj-{_MIXED[:32]}\n{_MIXED[32:112]}\n"
                f"{_MIXED[112:120]}\nTraceback",
                f"{'OPENAI_API_KEY='.rjust(40)}<token>\nTraceback",
            ),
            *(
                Turns(f"a hf_{_MIXED[:20]}{end}{begin}{_MIXED[20:34]} b", "a <token> b")
                for end, begin in (
                    (" \n", ""),
                    ("\t \r\n", "> > "),
                    ("\r", ""),
                    ("=\n", ""),
                    ("<br>", ""),
                    ("<br />\n", ""),
                    ("\n", "+ "),
                    ("\n", "- "),
                    ("\n", "# "),
                    ("\n", "+    # "),
                    ("\n", " " * 40),
                    ('" \\\n', '  "'),
                )
            ),
            Turns(f"sk-ant-api03-{_MIXED[:40]}\n{_MIXED[40:95]}\nok", "<token>\nok"),
            Turns(
                f"sk-proj-{_MIXED[:30]}\n{_MIXED[30:60]}\n{_MIXED[60:66]}\nTraceback",
                "<token>\nTraceback",
            ),
            Turns(
                f"hf_{_MIXED[:34]}\nghp_{_MIXED[:20]}\n{_MIXED[20:36]}",
                f"hf_{_MIXED[:34]}\n<token>",
            ),
        ),
        keeps=(
            f"hf_{_MIXED[:20]}\n\n{_MIXED[20:34]}",
            "hf_transfer\nis on",
            "the prefix is hf_\nand then it failed with error 404",
            "ghs_score_of_the_model\nin_the_table_of_results_2",
            "pip install sk-learn\nscikit-learn 1.5 is there",
            "sk-proj-key\nPython3 failed",
            "hf_hub_download_of_files\nfrom_the_hub_failed_here",
            "npm_config_cache\nnode_modules/.cache/12",
        ),
    ),
    Rule(
        id="web-token-over-lines",
        kind="json-web-token",
        about="JSON web tokens that were broken over lines in the same ways.",
        anchors=("eyJ",),
        pattern=_WEB_TOKEN,
        replace=_web_token_replaced,
        turns=(
            Turns(
                f"a eyJ{_MIXED[:33]}.eyJ{_MIXED[:30]}\n{_MIXED[30:53]}.{_MIXED[:43]} b",
                "a <json-web-token> b",
            ),
            Turns(
                f"> eyJ{_MIXED[:20]}\n> {_MIXED[:13]}4.eyJ{_MIXED[:40]}\n> {_MIXED[:40]}."
                f"{_MIXED[:7]}\n> {_MIXED[:4]}\n> end",
                "> <json-web-token>\n> end",
            ),
            Turns(
                f"eyJ{_MIXED[:33]}.\neyJ{_MIXED[:60]}.\n{_MIXED[:43]}\nthat is all",
                "<json-web-token>\nthat is all",
            ),
        ),
        keeps=(
            f"eyJ{_MIXED[:33]}\n{_MIXED[:33]}",
            "eyJ and\nmore",
        ),
    ),
)
