"""Secrets that stand behind a blank after an option that names one: `--password hunter`.

Prose speaks of options too: `--hf-token is required`. So a value is none where it is a word that
goes on with a sentence, a state, or the name that a usage line puts in its place.
"""

import re
from typing import Final

from firstmile.redaction.naming import Named, named
from firstmile.redaction.rule import Late, Rule, Turns, group, words
from firstmile.redaction.stand_ins import is_participle, is_path, is_stand_in, is_state

_GOES_ON: Final = words(
    "a an and any are arg args argument arguments as at be because been being both but by can",
    "cannot command config could did do does each either else env environment etc explicitly field",
    "file flag flags for form from get gets given had has have here how if in instead into is",
    "isn't it its just like may maybe might must my need needs nor not now of on once only option",
    "options or our out over param parameter parameters parse pass rather seems setting should",
    "since so still such switch takes than that the their then there these they this those though",
    "to too under unless until up use using via was were what when where whether which while who",
    "why will with within without won't work works would you your",
)
"""Words that go on with a sentence in which an option is spoken of."""

_OFTEN_CHOSEN: Final = words("changeme password secret string test")
"""Words that stand for a secret elsewhere, and are chosen for passwords."""

_META: Final = re.compile(
    r"[A-Z_]*(?:TOKEN|KEY|PASS|PASSWORD|PASSWD|PWD|SECRET|STR|STRING|TEXT|VALUE)S?"
)
"""What a usage line puts in a value's place."""

_IDENTIFIER: Final = re.compile(r"[a-z]+(?:[_-][a-z]+)+")
_AROUND: Final = "()[]{}.,;:!?"
_SHORTEST_MIXED: Final = 8


def may_follow(option: str, value: str) -> bool:
    """Whether a word behind an option that names a secret can be one, if no sentence goes on."""
    said = named(option)
    is_password = "pass" in option.lower() or "pw" in option.lower()
    if said is Named.UNCERTAIN:
        has_both = any(map(str.isdigit, value)) and any(map(str.isalpha, value))
        return has_both and len(value) >= _SHORTEST_MIXED and not is_stand_in(value)
    if said is not Named.SECRET or is_stand_in(value) or value[0] in "$%<*-":
        return False
    if is_password:
        return value in _OFTEN_CHOSEN or not is_state(value)
    return not (is_state(value) or is_path(value) or value.isdigit())


def goes_on(word: str) -> bool:
    """Whether a word behind an option goes on with a sentence about it."""
    return word.strip(_AROUND).lower() in _GOES_ON


def _replaced(match: re.Match[str]) -> str:
    option, value = match["name"], match["value"]
    if match["item"] and match.string[match.end() : match.end() + 1] not in ("", "\r", "\n"):
        return match.group()
    if _is_a_name(value) or (not match["quote"] and _is_said(option, value.strip(_AROUND))):
        return match.group()
    return group("<key>")(match) if may_follow(option, value) else match.group()


def _is_said(option: str, word: str) -> bool:
    """Whether a word goes on with a sentence, or is a name for a value."""
    if not word or word.lower() in _GOES_ON or is_participle(word) or _META.fullmatch(word):
        return True
    if word in _OFTEN_CHOSEN:
        return word in option and "pass" not in option
    return False


def _is_a_name(word: str) -> bool:
    """Whether a word names a secret itself, as in `--api-key api_key`."""
    is_of_parts = _IDENTIFIER.fullmatch(word) is not None
    return is_of_parts and named(word) is Named.SECRET


RULES: Final = (
    Rule(
        id="option-before-a-secret",
        kind="key",
        about="Values that stand behind an option such as `--hf-token` or `--password`.",
        anchors=("--",),
        pattern=Late(
            r"(?<![A-Za-z0-9_-])--(?P<name>[A-Za-z][A-Za-z0-9_-]{1,40}+)"
            r"(?:[ \t]{1,4}|[ \t]{0,4}\\\r?\n[ \t]{0,40}|\\?[\"'],\s{1,4}(?=\\?[\"'])"
            r"|(?P<item>\\?[\"']?\r?\n[ \t]{0,40}- ))"
            r"(?P<quote>\\?[\"'])?(?!-)"
            r"(?P<value>(?(quote)[^\n\"'<>\\]{3,}+|[!#-&(-;=?-_a-~]{3,}+))"
        ),
        replace=_replaced,
        turns=(
            Turns("run --password hunter", "run --password <key>"),
            Turns("run --db-pass s3cretPW99 --x", "run --db-pass <key> --x"),
            Turns("run --hf-token word", "run --hf-token <key>"),
            Turns("run --hf_token \\\n  word \\\n  --x", "run --hf_token \\\n  <key> \\\n  --x"),
            Turns("['--password', 'two words']", "['--password', '<key>']"),
            Turns('["--api-key", "plain", "-v"]', '["--api-key", "<key>", "-v"]'),
            Turns("- --api-key\n- plain\n- -v", "- --api-key\n- <key>\n- -v"),
            Turns("run --password secret", "run --password <key>"),
            Turns("run --gadget-token a1b2c3d4", "run --gadget-token <key>"),
        ),
        keeps=(
            "--hf-token is required",
            "error: argument --hf-token: expected one argument",
            "usage: run [--hf-token HF_TOKEN] [--password PASSWORD]",
            "pass --api-key or set OPENAI_API_KEY",
            "--api-key parameter",
            "--api-key EMPTY",
            "--hf-token $HF_TOKEN --model x",
            "--token <your token>",
            "--token YOUR_TOKEN",
            "--hf-token hf_token",
            'add_argument("--password", type=str)',
            'click.option("--api-key", "api_key")',
            "--password-stdin input",
            "--password --verbose",
            "--api-key /run/secrets/key",
            "--pad-token word",
            "--max-token 512",
            "--token 512",
            "--two-pass fast",
            "--label-key label",
            "--tokenizer Qwen/Qwen2.5-7B-Instruct",
            "- --api-key\n- the model is slow",
            "--token 参数",
        ),
    ),
)
