"""Secrets in variables whose names say what they hold, however plain their values are.

Names in capitals, as environments, containers and clusters write them: `HF_TOKEN=plain`. A name
such as `PAD_TOKEN` is of a tokenizer, and no secret.
"""

import re
from collections.abc import Callable
from typing import Final

from firstmile.redaction.naming import Named, named
from firstmile.redaction.rule import COMMA, TAIL, Late, Replacing, Rule, Turns, group, words
from firstmile.redaction.stand_ins import is_code, is_participle, is_path, is_stand_in, is_state

_NAME: Final = re.compile(r"[A-Z0-9_]*\Z")
_LONGEST_NAME: Final = 60
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][\w.]*+")
_SIGN: Final = r"[^\s\"'`<>\\,;(){}\[\]|&]"
_BARE: Final = rf"(?:{_SIGN}|{COMMA}){{3,}}+{TAIL}"
"""A word of a shell or of YAML; brackets belong to it where no name is called."""

_VALUE: Final = (
    r"(?![A-Za-z0-9_])(?:"
    # A shell's, a container's: NAME=value
    rf"=(?P<plain>{_BARE})"
    # A cluster's: name: NAME, then value: "value"
    r"|\\?[\"']?,?\s{1,40}\\?[\"']?value\\?[\"']?\s{0,4}:\s{0,4}\\?[\"']?"
    rf"(?P<below>{_BARE})"
    # Python's, JSON's, PowerShell's: "NAME": "value", ["NAME"] = "value", ("NAME", "value")
    r"|\\?[\"']?\]?\s{0,4}(?:[:=]|(?<=[\"']),)\s{0,4}[rbuf]?\\?"
    r"(?:\"(?P<double>(?:[^\"\\\n<>]|\\(?![\"\n])){3,}+)(?:\\?\"|(?=\r?\n|\Z))"
    r"|'(?P<single>(?:[^'\\\n<>]|\\(?!['\n])){3,}+)(?:\\?'|(?=\r?\n|\Z)))"
    # YAML's: NAME: value, alone on its line
    rf"|:[ \t]{{1,4}}(?P<alone>{_BARE})(?P<rest>[ \t]*+[^\r\n]?)"
    r")"
)
"""Nothing may be asked of what follows a run of any length, or time would grow as its square."""


def _replacing(placeholder: str, is_secret: Callable[[str, str], bool]) -> Replacing:
    """Return a replacement of the value, where it is one and its name is of a secret."""

    def replace(match: re.Match[str]) -> str:
        kind = next(kind for kind in ("plain", "below", "double", "single", "alone") if match[kind])
        value = match[kind]
        before = match.string[max(0, match.start() - _LONGEST_NAME) : match.start()]
        found = _NAME.search(before)
        name = ("" if found is None else found.group()) + match["name"]
        is_quoted = kind in ("double", "single")
        first = value if is_quoted else value.partition(",")[0]
        if (
            is_state(first)
            or is_stand_in(first, is_literal=kind == "single")
            or is_path(value)
            or (kind == "alone" and not _stands_alone(match))
            or (is_quoted and value.count(" ") > 1)
            or (not is_quoted and (_is_call(value) or _is_code(name, first)))
            or not is_secret(name, value)
        ):
            return match.group()
        start, end = match.start(kind) - match.start(), match.end(kind) - match.start()
        return f"{match.group()[:start]}{placeholder}{match.group()[end:]}"

    return replace


def _stands_alone(match: re.Match[str]) -> bool:
    """Whether a value is all of its line and no word such as `suspended`, which tells a state."""
    return match["rest"].strip(" \t") in ("", "#") and not is_participle(match["alone"])


def _is_code(name: str, value: str) -> bool:
    """Whether a bare value is a number or another name; a password may be a number."""
    return is_code(value) and not (value.isdigit() and not name.endswith(("TOKEN", "KEY")))


def _is_call(value: str) -> bool:
    """Whether a value is a call or a look-up: `get_token()`, `environ[`."""
    found = _IDENTIFIER.match(value)
    return found is not None and value[found.end() : found.end() + 1] in ("(", "[")


def _is_key(name: str, value: str) -> bool:
    """Whether the value of a variable is a key, of which the name may tell little.

    What else is called a key, a mark or a pattern must look like a secret.
    """
    if name.endswith("TOKEN"):
        return named(name) is not Named.MARK
    if name.endswith("_PAT") and name.split("_")[-2] not in _WITH_A_PAT:
        return _looks_drawn(value)
    return not name.endswith(_OFTEN_OF_A_TABLE) or _looks_drawn(value)


def _looks_drawn(value: str) -> bool:
    return len(value) >= 16 and any(map(str.isdigit, value)) and any(map(str.isalpha, value))


def _is_password(_name: str, _value: str) -> bool:
    return True


_KEYS: Final = (
    "API SECRET ACCESS AUTH PRIVATE ENCRYPTION SIGNING MASTER ACCOUNT SUBSCRIPTION STORAGE CLIENT "
    "KAGGLE WANDB OPENAI ANTHROPIC AZURE HF"
)
_KEY: Final = "|".join(f"(?<={first}_)" for first in _KEYS.split())
_NAMES: Final = (
    r"(?P<name>(?<=[A-Z0-9])_TOKEN|(?<=[A-Z0-9])_SECRET|(?<=[A-Z0-9])_CREDENTIALS?"
    rf"|(?:{_KEY}|(?<=API))KEY(?:_BASE)?|(?<=[A-Z])_PAT)"
)
_OFTEN_OF_A_TABLE: Final = ("STORAGE_KEY", "CLIENT_KEY")
_WITH_A_PAT: Final = words(
    "ACCESS ADO AZURE DATABRICKS DEVOPS DOCKER GH GIT GITHUB GITLAB GL HF MY SNOWFLAKE USER"
)
"""Words before `_PAT` that make it a personal access token; others make it a pattern."""

_PASSWORDS: Final = r"(?P<name>PASSWORD|PASSWD|PASSPHRASE|(?<=[A-Z])_PWD)"

RULES: Final = (
    Rule(
        id="secret-variable",
        kind="key",
        about="Values of variables in capitals that are called a token, a key or a secret.",
        anchors=("_TOKEN", "_SECRET", "_CREDENTIAL", "KEY", "_PAT"),
        pattern=Late(_NAMES + _VALUE),
        replace=_replacing("<key>", _is_key),
        turns=(
            Turns("HF_TOKEN=plain", "HF_TOKEN=<key>"),
            Turns("docker run -e TGI_TOKEN=abc x", "docker run -e TGI_TOKEN=<key> x"),
            Turns('$env:HF_TOKEN = "plain"', '$env:HF_TOKEN = "<key>"'),
            Turns("os.environ['WANDB_API_KEY'] = 'a b'", "os.environ['WANDB_API_KEY'] = '<key>'"),
            Turns("setdefault('HF_TOKEN', 'plain')", "setdefault('HF_TOKEN', '<key>')"),
            Turns("  HF_TOKEN: plain\n  TZ: UTC", "  HF_TOKEN: <key>\n  TZ: UTC"),
            Turns("- name: HF_TOKEN\n  value: plain\n", "- name: HF_TOKEN\n  value: <key>\n"),
            Turns('{"name": "HF_TOKEN", "value": "abc"}', '{"name": "HF_TOKEN", "value": "<key>"}'),
            Turns("DB_SECRET=p@ss(word1 x", "DB_SECRET=<key> x"),
            Turns("HF_TOKEN=abc,def x", "HF_TOKEN=<key> x"),
            Turns("--export=HF_TOKEN=abc,TZ=UTC", "--export=HF_TOKEN=<key>,TZ=UTC"),
            Turns('{\\"HF_TOKEN\\": \\"plain\\"}', '{\\"HF_TOKEN\\": \\"<key>\\"}'),
        ),
        keeps=(
            "PAD_TOKEN=abc",
            "EOS_TOKEN: '</s>'",
            "MAX_TOKENS=4096",
            "IMAGE_TOKEN=image_pad",
            "HF_TOKEN=None",
            "HF_TOKEN=$OTHER",
            "HF_TOKEN=your_token_here",
            "HF_TOKEN=<your token>",
            "HF_TOKEN=OTHER_NAME",
            "HF_TOKEN=config.token",
            "HF_TOKEN=get_token()",
            "HF_TOKEN=None,other",
            "HF_TOKEN: not set",
            "HF_TOKEN: missing",
            "HF_TOKEN: suspended\n",
            'QUERY_TOKEN="[Q]"',
            'FILE_PAT="*.txt"',
            'const STORAGE_KEY = "theme"',
            "AUTH_TOKEN_FILE=/run/x",
            "GOOGLE_APPLICATION_CREDENTIALS=/etc/key.json",
            "SORT_KEY=date",
            "KEY=value",
        ),
    ),
    Rule(
        id="password-variable",
        kind="password",
        about="Values of variables in capitals that are called a password, also plain words.",
        anchors=("PASSW", "PASSPHRASE", "_PWD"),
        pattern=Late(_PASSWORDS + _VALUE),
        replace=_replacing("<password>", _is_password),
        turns=(
            Turns("POSTGRES_PASSWORD=hunter", "POSTGRES_PASSWORD=<password>"),
            Turns("  MYSQL_PASSWORD: hunter\n", "  MYSQL_PASSWORD: <password>\n"),
            Turns("PGPASSWORD='two words' psql", "PGPASSWORD='<password>' psql"),
        ),
        keeps=("PWD=/root", "PASSWORD: required", "PASSWORD=$1"),
    ),
    Rule(
        id="variable-set-by-a-word",
        kind="key",
        about="The same where `setx`, `setenv` or `ENV` of a container's recipe sets a variable.",
        anchors=("setx", "setenv", "ENV "),
        pattern=Late(
            r"(?:(?i:\bsetx|\bsetenv)|\bENV)[ \t]{1,4}[A-Z][A-Z0-9_]{0,60}"
            r"(?:TOKEN|SECRET|KEY|PASSWORD|PASSWD)[ \t]{1,4}(?P<quote>[\"'])?"
            r"(?P<value>(?(quote)[^\n\"'<>]{3,}+|[^\s\"'<>]{3,}+))"
        ),
        replace=lambda match: (
            match.group()
            if is_state(match["value"]) or is_stand_in(match["value"])
            else group("<key>")(match)
        ),
        turns=(
            Turns("setx HF_TOKEN plain", "setx HF_TOKEN <key>"),
            Turns("ENV HF_TOKEN plain\nRUN x", "ENV HF_TOKEN <key>\nRUN x"),
        ),
        keeps=("setx HF_HOME D:\\hf", "ENV HF_TOKEN $TOKEN", "setenv: HF_TOKEN is not set"),
    ),
)
