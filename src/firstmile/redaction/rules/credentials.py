"""Secrets that are known by what stands before them: header, key name, option or address."""

import re
from collections.abc import Callable
from typing import Final

from firstmile.redaction.rule import (
    COMMA,
    TAIL,
    Late,
    Replacing,
    Rule,
    Turns,
    group,
    group_where,
    words,
)
from firstmile.redaction.stand_ins import is_stand_in

_PLACEHOLDER_WORDS: Final = words(
    "empty none null nil true false todo changeme example placeholder dummy test fake string ",
    "str bytes optional required password passwd secret token apikey api_key key value default ",
    "hidden redacted masked your_api_key your-api-key yourkey mykey my_key secretstr",
)
_WORD: Final = (
    r"(?:[^\s\"'`<>\\,;(){}\[\]|]|(?<=[^\s\"'=:])\\(?=[A-Za-mo-qsv-z0-9])"
    rf"|(?<=[^\s\"'=:,]){COMMA}){{4,}}+"
)
_LITERAL: Final = rf"(?P<value>(?P<head>{_WORD}){TAIL})"
"""One word as a configuration file, a shell or JSON would hold it; its head tells what it is."""

_CODE: Final = re.compile(r"[A-Za-z_][A-Za-z_0-9]*(?:\.[A-Za-z_][A-Za-z_0-9]*)+")


def _is_written_out(value: str) -> bool:
    """Whether a value is a literal, not a variable, a placeholder or a piece of code."""
    first = value.partition(",")[0]
    return (
        first.lower() not in _PLACEHOLDER_WORDS
        and not is_stand_in(first)
        and value[0] != "%"
        and not _CODE.fullmatch(first)
    )


def _is_random(value: str) -> bool:
    """Whether a value looks drawn by a machine: long, with letters and digits mixed."""
    letters = sum(map(str.isalpha, value))
    digits = sum(map(str.isdigit, value))
    return len(value) >= 16 and letters >= 4 and digits >= 3 and _is_written_out(value)


def _is_password(value: str) -> bool:
    """Whether a value could be a password somebody typed: not a plain word of code."""
    return (
        len(value) >= 6
        and not value.isalpha()
        and not re.fullmatch(r"[a-z]+(?:_[a-z]+)+", value)
        and _is_written_out(value)
    )


def _is_key(value: str) -> bool:
    """Whether the value of an API key could be one: letters and digits, if only few."""
    return (
        len(value) >= 6
        and any(map(str.isalpha, value))
        and any(map(str.isdigit, value))
        and _is_written_out(value)
    )


def _is_typed_out(value: str, *, is_literal: bool) -> bool:
    """Whether the value of an option for a password is one, a word such as `secret` too."""
    return not (
        is_stand_in(value, is_literal=is_literal)
        or _PORTS.fullmatch(value)
        or (value.isupper() and value.lower() in _PLACEHOLDER_WORDS)
    )


_PORTS: Final = re.compile(r"[\d.]+(?::[\d.]+)+(?:/[a-z]+)?")
"""What `-p` of a container's command gives: ports of two machines, and maybe an address."""


def _where_head(placeholder: str, is_one: Callable[[str], bool]) -> Replacing:
    """Return a replacement of a literal where its head, up to a bracket, is what is looked for."""
    put = group(placeholder)
    return lambda match: put(match) if is_one(match["head"]) else match.group()


_AFTER_NAME: Final = r"""\\?["'`]?\s{0,4}(?:=|:=?|=>)\s{0,4}(?:[rbuf]?\\?["'`]|\\)?"""
"""What stands between a key name and its value in a shell, Python, YAML, JSON or quoted JSON."""

_KEYS: Final = "api access secret account auth private encryption subscription wandb master"
_HUBS: Final = "hf hub github gh"
_TOKENS: Final = "auth access api bearer secret refresh session id bot user login face csrf"


def _names(last: str, firsts: str) -> str:
    """Return a pattern of names that end in `last`, to be matched at it: `api_key`, `apikey`."""
    behind = "|".join(f"(?<={first})|(?<={first}[_-])" for first in firsts.split())
    return f"(?:{behind}){last}"


RULES: Final = (
    Rule(
        id="authorization-header",
        kind="authorization",
        about="What follows `Authorization:` and `Bearer`, and the keys of `x-api-key` headers.",
        anchors=("bearer", "authorization", "api-key"),
        pattern=Late(
            r"(?i:\bauthorization\\?[\"']?\s{0,4}[:=]\s{0,4}\\?[\"']?(?:bearer|basic|token)\s{1,4}"
            r"|\bbearer\s{1,4}|(?:(?<=x-)|(?<=x-goog-))api-key\\?[\"']?\s{0,4}[:=]\s{0,4}\\?[\"']?)"
            r"(?P<value>[A-Za-z0-9._~+/=-]{8,}+)"
        ),
        replace=group_where(
            "<authorization>", lambda v: _is_written_out(v) and not v.isalpha() and "/" not in v[:2]
        ),
        turns=(
            Turns(
                "curl -H 'Authorization: Bearer abcd1234efgh' http://localhost",
                "curl -H 'Authorization: Bearer <authorization>' http://localhost",
            ),
            Turns(
                '{\\"Authorization\\": \\"Basic dXNlcjpwYXNz1\\"}',
                '{\\"Authorization\\": \\"Basic <authorization>\\"}',
            ),
            Turns("x-api-key: 12ab34cd56", "x-api-key: <authorization>"),
        ),
        keeps=(
            "Authorization: Bearer $OPENAI_API_KEY",
            "Authorization: Bearer EMPTY",
            "Authorization: Bearer YOUR_API_KEY",
            "Authorization: Bearer <token>",
            "the Bearer authentication failed",
        ),
    ),
    Rule(
        id="password",
        kind="password",
        about="Values of `password`, `passwd`, `pwd`, `passphrase` and `secret`.",
        anchors=("passw", "passphrase", "_pwd", "secret"),
        pattern=Late(rf"(?i:password|passwd|passphrase|_pwd|secret){_AFTER_NAME}{_LITERAL}"),
        replace=_where_head("<password>", _is_password),
        turns=(
            Turns("password=hunter2!x", "password=<password>"),
            Turns("MY_SECRET=foo12345", "MY_SECRET=<password>"),
            Turns("password=foo1,bar2 x", "password=<password> x"),
            Turns("password=foo12345,user=ada", "password=<password>,user=ada"),
            Turns("password=\\hunter22 x", "password=\\<password> x"),
            Turns("password=p4ssw0rd(word1 x", "password=<password> x"),
            Turns("password=f'foo12345'", "password=f'<password>'"),
            Turns('"db_password": "p4ss-word"', '"db_password": "<password>"'),
            Turns("REDIS_PASSWORD: s3cr3t-9", "REDIS_PASSWORD: <password>"),
            Turns('\\"client_secret\\": \\"9f8e7d6c\\"', '\\"client_secret\\": \\"<password>\\"'),
        ),
        keeps=(
            "password=None",
            "password=None,timeout_10",
            "password: str = Field(...)",
            "password=os.environ['X']",
            "password = self.settings.password",
            "PWD=/root/project and -v $PWD:/workspace1/",
            "the password: please enter it",
            "secret=***",
        ),
    ),
    Rule(
        id="password-option",
        kind="password",
        about="Passwords given to `sshpass -p`, `docker login -p`, `mysql -p` and `curl -u`.",
        anchors=("sshpass", "docker", "curl", "mysql"),
        pattern=Late(
            r"\b(?:sshpass\s{1,4}-p\s{0,4}"
            r"|docker\s{1,4}login\s[^\n;&|]{0,80}?(?<=\s)-(?:p[\s=]{0,4}|-password[\s=]{1,4})"
            r"|mysql(?:dump|admin)?\s[^\n;&|]{0,80}?(?<=\s)-p(?!ort\b)(?=\S)"
            r"|(?P<cookie>curl\s[^\n]{0,120}?(?<=\s)(?:-b[\s=]{0,4}|--cookie[\s=]{1,4})"
            r"(?=[\"']?[^\s=:\"'<>]{1,64}=))"
            r"|(?P<user>curl\s[^\n]{0,120}?(?<=\s)(?:-u[\s=]{0,4}|--user[\s=]{1,4})"
            r"(?=[\"']?[^\s:\"'<>]{1,64}:)))(?P<quote>[\"'])?"
            r"(?(cookie)[^\s=:\"'<>]{1,64}=)(?(user)[^\s:\"'<>]{1,64}:)"
            r"(?P<value>(?(quote)[^\n\"'<>]{3,}+|[^\s\"'<>]{3,}+))"
        ),
        replace=lambda match: (
            group("<password>")(match)
            if _is_typed_out(match["value"], is_literal=match["quote"] == "'")
            else match.group()
        ),
        turns=(
            Turns("sshpass -p 'hunter22' ssh box", "sshpass -p '<password>' ssh box"),
            Turns("docker login -u me -p secret", "docker login -u me -p <password>"),
            Turns("curl -bfoo=barbaz", "curl -bfoo=<password>"),
            Turns("curl -s -u me:hunter22 http://x", "curl -s -u me:<password> http://x"),
        ),
        keeps=(
            "docker login -p $PASSWORD",
            "curl -u name http://localhost",
            "docker run --name mysql -p3306:3306 mysql",
        ),
    ),
    Rule(
        id="named-key",
        kind="key",
        about="Values of names such as `api_key` and `HF_TOKEN` that look like keys.",
        anchors=("key", "token", "credential"),
        pattern=Late(
            rf"(?i:(?P<key>{_names('key', _KEYS)}(?:[_-]id)?)"
            rf"|(?P<hub>{_names('token', _HUBS)})|{_names('token', _TOKENS)}|credential)"
            rf"(?:{_AFTER_NAME}|\\?[\"']?,?\s{{1,4}}[\"']?){_LITERAL}"
        ),
        replace=lambda match: (
            group("<key>")(match)
            if (_is_key if match["key"] or match["hub"] else _is_random)(match["head"])
            else match.group()
        ),
        turns=(
            Turns(
                "WANDB_API_KEY=" + "0a1b2c3d4e" * 4,
                "WANDB_API_KEY=<key>",
            ),
            Turns(
                "aws_secret_access_key = " + "wJalr/XUtn1FEMI2K7MDENG" + "bPxRf1C3YEXAKEY12",
                "aws_secret_access_key = <key>",
            ),
            Turns('"api_key": "' + "a1b2c3d4" * 4 + '"', '"api_key": "<key>"'),
            Turns("--api-key " + "a1b2c3d4" * 4, "--api-key <key>"),
            Turns('"--api-key", "Some@123",', '"--api-key", "<key>",'),
            Turns("AccountKey=" + "a1B2c3D4" * 11 + "==;Endpoint", "AccountKey=<key>;Endpoint"),
        ),
        keeps=(
            "api_key='EMPTY'",
            "--api-key parameter 12",
            "api_key=openai_api_key, base_url=openai_api_base",
            "use_auth_token=True, trust_remote_code=True",
            "eos_token_id=151645",
            "pad_token = '<|endoftext|>'",
            "max_tokens=4096 and num_tokens: 12345678901234567890",
            "access_token=os.environ.get('HF_TOKEN')",
            "KeyError: 'model.layers.0.self_attn.qkv_proj.weight_scale'",
            "key_cache: torch.Size([128, 16, 8])",
        ),
    ),
    Rule(
        id="bare-token",
        kind="key",
        about="Random-looking values of a parameter that is called just `token` or `key`.",
        anchors=("token", "key="),
        pattern=Late(
            r"(?i:(?<![A-Za-z0-9_-])token\\?[\"']?\s{0,2}[=:]\s{0,2}\\?[\"']?"
            r"|(?<=--)token [\"']?|(?<=[?&])key=)"
            r"(?P<value>[A-Za-z0-9_+/.~%-]{20,}+)=*+"
        ),
        replace=group_where("<key>", _is_random),
        turns=(
            Turns("?token=" + "a1b2c3d4" * 4 + "&x=1", "?token=<key>&x=1"),
            Turns("--token " + "a1b2c3d4" * 6, "--token <key>"),
            Turns("http://x/lab?token=" + "0a1b2c3d" * 6, "http://x/lab?token=<key>"),
        ),
        keeps=(
            "token=tokenizer.convert_ids_to_tokens",
            "token: 128009",
            "Token: '<|im_start|>'",
            "key=lambda item: item[1]",
        ),
    ),
    Rule(
        id="token-option",
        kind="key",
        about="Values of the option `--token` that look like keys, if only short ones.",
        anchors=("--token",),
        pattern=Late(r"--token[ =][\"']?(?P<value>[A-Za-z0-9_+/.~%-]{8,}+)=*+"),
        replace=group_where("<key>", _is_key),
        turns=(
            Turns("serve --token S3cr3tT0k3n", "serve --token <key>"),
            Turns("--token='a1b2c3d4e5'", "--token='<key>'"),
        ),
        keeps=(
            "--token $HF_TOKEN",
            "--token YOUR_TOKEN",
            "--token is missing",
            "--tokenizer Qwen2Tokenizer",
        ),
    ),
    Rule(
        id="credentials-in-address",
        kind="credentials",
        about="Name and password, or a token, in front of the host of an address.",
        anchors=("://",),
        pattern=Late(
            r"://(?P<value>[^\s/:@\"'<>]*+:(?!\d{1,5}[/?#,;|&)\]}])(?:@?[^\s/@\"'<>]++@)"
            r"(?:[^\s/@\"'<>]*+@)*+|[^\s/:@\"'<>]{20,}+@)"
        ),
        replace=group("<credentials>@"),
        turns=(
            Turns("http://me:pa55@proxy.lan:8080", "http://<credentials>@proxy.lan:8080"),
            Turns(
                "git clone https://" + "a1b2c3d4" * 5 + "@github.com/a/b",
                "git clone https://<credentials>@github.com/a/b",
            ),
            Turns("redis://:pass1@cache/0", "redis://<credentials>@cache/0"),
            Turns("https://u:p?q@host", "https://<credentials>@host"),
            Turns("http://user:pa#ss@host/x", "http://<credentials>@host/x"),
            Turns("https://me:p@ss@host/x", "https://<credentials>@host/x"),
        ),
        keeps=(
            "ssh://git@github.com/owner/repository",
            "git+https://github.com/huggingface/transformers@v4.51.3",
            "http://localhost:8000/v1",
            "http://localhost:8000?name=ada@home",
            "https://medium.com/@name/post",
        ),
    ),
)
