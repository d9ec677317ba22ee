"""Secrets as people and files state them: `password: word`, 密码：…, `login key 0a1b…`.

A plain word behind `password:` is one only where nothing else stands on its line; prose names
states there, code names types.
"""

import re
from itertools import pairwise
from typing import Final

from firstmile.redaction.naming import Named, named
from firstmile.redaction.rule import Late, Rule, Turns, group, group_where, words
from firstmile.redaction.stand_ins import (
    is_code,
    is_participle,
    is_path,
    is_stand_in,
    is_state,
)

_HEX: Final = "0a1b2c3d" * 5
_BEGINS_A_LINE: Final = re.compile(r"(?:\A|[\r\n])[ \t>|#-]*[\"']?(?P<name>[\w.-]*)\Z")
_NAME: Final = re.compile(r"[A-Za-z0-9_-]*\Z")
_LONGEST_BEFORE: Final = 100
_SEVERAL: Final = re.compile(r"[_.-]+")
_RANGE: Final = re.compile(r"\d{1,3}-\d{1,3}|\d{1,3}")
_CALL: Final = re.compile(r"[A-Za-z_][\w.]*[(\[]")
_TYPES: Final = words("bool bytes dict field float hiddenfield integer list secretbytes tuple")
_FORMS: Final = words("ascii base32 base64 md5 pbkdf2 sha1 sha256 sha512 unicode utf-8 utf8")
_SHORTEST_DRAWN: Final = 12
_SHORTEST_NUMBER: Final = 6


def _is_drawn(value: str) -> bool:
    """Whether a value looks drawn by a machine: a part of it mixes letters and digits at random.

    `layers_0_attn` and `Qwen2-7B` have digits as well, but each in a place of its own.
    """
    if len(value) < _SHORTEST_DRAWN or is_stand_in(value):
        return False
    return any(
        len(part) >= 8 and sum(a.isdigit() != b.isdigit() for a, b in pairwise(part)) >= 3
        for part in _SEVERAL.split(value)
    )


def _is_chosen(value: str) -> bool:
    """Whether a value is one that somebody chose, not a state, a variable or a piece of code."""
    return not (
        is_state(value)
        or is_stand_in(value)
        or is_path(value)
        or is_participle(value)
        or _RANGE.fullmatch(value)
        or _CALL.match(value)
        or (is_code(value) and not value.isdigit())
    )


def _is_said(value: str) -> bool:
    """Whether a value behind `password is` is no word of a sentence."""
    if value.isdigit():
        return len(value) >= _SHORTEST_NUMBER
    has_both = any(map(str.isdigit, value)) and any(map(str.isalpha, value))
    return has_both and value.lower().partition("-")[0] not in _FORMS and _is_chosen(value)


def _of_a_line(match: re.Match[str]) -> str:
    """Return a setting without its password: a quoted one, or one alone on its line."""
    before = match.string[max(0, match.start() - _LONGEST_BEFORE) : match.start()]
    quoted = match["quoted"]
    value = quoted or match["alone"]
    if not _is_chosen(value) or value.lower() in _TYPES or named(value) is Named.SECRET:
        return match.group()
    if quoted is None:
        at_the_end = match["rest"].strip(" \t") in ("", "#")
        if not at_the_end or not _BEGINS_A_LINE.search(before):
            return match.group()
    return group("<password>", "alone" if quoted is None else "quoted")(match)


def _in_chinese(match: re.Match[str]) -> str:
    value = match["value"]
    if match["thing"] is None:
        return group("<password>")(match) if _is_chosen(value) else match.group()
    before = match.string[max(0, match.start() - _LONGEST_BEFORE) : match.start()]
    found = _NAME.search(before)
    name = ("" if found is None else found.group()) + match["thing"]
    if named(name) is Named.MARK or not _is_drawn(value):
        return match.group()
    return group("<password>")(match)


RULES: Final = (
    Rule(
        id="password-of-a-line",
        kind="password",
        about="Plain words behind `password:` alone on their line, or behind it in quotes.",
        anchors=("password", "passwd", "passphrase", "pwd"),
        pattern=Late(
            r"(?i:password|passwd|passphrase|pwd)"
            r"(?:\\?[\"']?[ \t]{0,2}[:=][ \t]{0,4}(?P<mark>\\?[\"'])"
            r"(?P<quoted>[A-Za-z][A-Za-z_.-]{3,}+)(?=\\?[\"'])"
            r"|[\"']?(?::[ \t]{1,4}|=)(?P<alone>[A-Za-z][A-Za-z_.-]{3,}+)(?P<rest>[ \t]*+[^\r\n]?))"
        ),
        replace=_of_a_line,
        turns=(
            Turns("db:\n  password: hunter\n  x: 1", "db:\n  password: <password>\n  x: 1"),
            Turns("password: hunter # mine", "password: <password> # mine"),
            Turns("- db_password: hunter", "- db_password: <password>"),
            Turns('{"password": "hunter"}', '{"password": "<password>"}'),
            Turns("connect(password='hunter')", "connect(password='<password>')"),
            Turns("db_password=hunter\nx", "db_password=<password>\nx"),
        ),
        keeps=(
            "password: str",
            "password: string",
            "password: SecretStr",
            "password: required",
            "password: suspended",
            "password: please enter it",
            "Enter the password: hunter",
            "password: Optional[str] = None",
            'password="password"',
            "password: ${DB_PASSWORD}",
            "password=db_password",
            "type: password\nname: x",
        ),
    ),
    Rule(
        id="said-in-chinese",
        kind="password",
        about="Passwords, keys and tokens behind 密码, 口令, 密钥 or `token是`.",
        anchors=(
            *("密码", "口令", "密钥", "秘钥", "令牌"),
            *(
                f"{word}{sign}"
                for word in ("token", "key", "password")
                for sign in ("是", "为", "：", " 是", " 为")
            ),
        ),
        pattern=Late(
            r"(?:密码|口令|密钥|秘钥|(?i:password)|(?P<thing>(?i:token|key)|令牌))"
            r"[ ]{0,2}(?:(?:设置|设|改)?[为成]|是|：|:|=)[ ]{0,2}[\"'`“「]?"
            r"(?P<value>[!#-&(-;=?-_a-~]{4,}+)"
        ),
        replace=_in_chinese,
        turns=(
            Turns("密码：abc123456", "密码：<password>"),
            Turns("我的token是 tok_9f8e7d6c5b4a3210", "我的token是 <password>"),
            Turns("口令是hunter然后", "口令是<password>然后"),
            Turns("服务器密码: 12345678", "服务器密码: <password>"),
            Turns("密码改成 hunter", "密码改成 <password>"),
            Turns("api_key：0a1b2c3d4e5f", "api_key：<password>"),
        ),
        keeps=(
            "密码错误",
            "密码是空的",
            "密码：8-16位",
            "密码: None",
            "密码：******",
            "密码 = getpass.getpass()",
            "pad_token是<|endoftext|>",
            "token是151643",
            "这个key是model.layers.0.self_attn.q_proj",
            "token为unused_token_123456",
            "key：Qwen2-7B-Instruct",
        ),
    ),
    Rule(
        id="said-in-words",
        kind="key",
        about="Random-looking values behind words such as `login key` and `my token is`.",
        anchors=(
            *("api key", "api token", "login key", "access key", "access token", "secret key"),
            *("auth token", "private key", "hf token", "my token", "my key", "wandb key"),
        ),
        pattern=Late(
            r"(?i:(?:api|login|access|secret|auth|private|hf|my|wandb) (?:key|token)\b"
            r"(?: is| was)?)[:=]?[ ]{1,3}[\"'`(]?(?P<value>[A-Za-z0-9_-]{12,}+)(?!\(|\.[A-Za-z0-9])"
        ),
        replace=group_where("<key>", _is_drawn),
        turns=(
            Turns(f"wandb: login key {_HEX}", "wandb: login key <key>"),
            Turns("my token is tok_9f8e7d6c5b4a3210,", "my token is <key>,"),
            Turns("Invalid API key: a1b2c3d4e5f6g7", "Invalid API key: <key>"),
        ),
        keeps=(
            "api key not_configured_for_this_host",
            "my token is reserved_special_token_123",
            "the access token model-00001-of-00004",
            "my key is transformer_layers_12",
            "wandb: login key",
        ),
    ),
    Rule(
        id="password-in-words",
        kind="password",
        about="Values behind `password is` that no sentence goes on with.",
        anchors=("password is ", "password was "),
        pattern=Late(
            r"(?i:password (?:is|was)) [\"'`]?"
            r"(?P<value>[!#-&(-+\--:=?-_a-~]{5,}+)"
        ),
        replace=group_where("<password>", lambda value: _is_said(value.rstrip(".:!?)"))),
        turns=(
            Turns("the password is hunter2", "the password is <password>"),
            Turns("password was 'p4ss-word'", "password was '<password>'"),
        ),
        keeps=(
            "the password is wrong",
            "the password is base64-encoded",
            "the password is 8-16 characters",
            "the password is $PASSWORD1",
            "the password is not set",
        ),
    ),
)
