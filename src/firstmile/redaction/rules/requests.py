"""Secrets of requests and clients: signed addresses, cookies, headers, stored logins, options."""

import binascii
import re
from base64 import b64decode
from collections.abc import Callable
from typing import Final

from firstmile.redaction.naming import Named, named
from firstmile.redaction.rule import Late, Rule, Turns, group, group_where, words
from firstmile.redaction.stand_ins import is_participle, is_stand_in, is_state

_MIXED: Final = "x1Y2z3W4" * 8
_OPTION: Final = re.compile(r"(?:\A|[\s\"'\[(,])--?(?P<name>[\w-]{0,40})\Z")
_SCHEMES: Final = words("apikey basic bearer digest negotiate token")
_NO_PASSWORD: Final = words("empty false none null true")
_LONGEST_NAME: Final = 42
_ARGUMENT: Final = re.compile(
    r"(?<![\w.])(?P<name>(?:[A-Za-z]\w{0,40})?(?:token|key|password|secret))\s?=\s?"
    r"(?:\"(?P<double>[^\s\"<>]{3,}+)\"|'(?P<single>[^\s'<>]{3,}+)')"
)
_FIRST_ARGUMENT: Final = re.compile(
    r"\s{0,20}(?:[\"'][^\n\"'<>]{0,200}[\"'],\s{0,20})?[\"'](?P<value>[^\s\"'<>/]{5,}+)[\"']"
)
"""The first text of a call, the second where there are two: a name stands before a password."""


def _is_given(value: str) -> bool:
    """Whether a value is given, not left to a variable or a reader."""
    return not (is_state(value) or is_stand_in(value) or value[0] in "$%<*")


def _has_a_digit(value: str) -> bool:
    return any(map(str.isdigit, value)) and any(map(str.isalpha, value)) and _is_given(value)


def _is_login(value: str) -> bool:
    """Whether a value is a name and a password in base 64."""
    try:
        return b":" in b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False


def _is_random(value: str) -> bool:
    return sum(map(str.isdigit, value)) >= 3 and _has_a_digit(value)


def _is_secret(name: str, value: str) -> bool:
    """Whether a value is a secret: a plain word where its name says so, else a mixed one."""
    said = named(name)
    if said is Named.UNCERTAIN:
        return len(value) >= 8 and _has_a_digit(value)
    if said is not Named.SECRET:
        return False
    if "pass" in name.lower():
        return not is_stand_in(value) and value.lower() not in _NO_PASSWORD
    return _is_given(value)


def _of_an_option(match: re.Match[str]) -> str:
    before = match.string[max(0, match.start() - _LONGEST_NAME) : match.start()]
    option = _OPTION.search(before)
    if option is None or not _is_secret(option["name"] + match["name"], match["value"]):
        return match.group()
    return group("<key>")(match)


def _of_a_header(match: re.Match[str]) -> str:
    """Return an `Authorization` header without its value, unless that says what became of it."""
    value = match["value"]
    is_whole = match["scheme"] or match["ends"] is not None
    if not is_whole or value.lower() in _SCHEMES or not _is_given(value) or is_participle(value):
        return match.group()
    return group("<authorization>")(match)


def _of_a_call(match: re.Match[str]) -> str:
    """Return a call with its arguments, those that are secrets replaced."""
    is_login = not match["call"].lower().endswith(("from_pretrained", "_download"))

    def replaced(argument: re.Match[str]) -> str:
        name, kind = argument["name"], str(argument.lastgroup)
        said = "api_key" if is_login and name == "key" else name
        if not _is_secret(said, argument[kind]):
            return argument.group()
        return group("<key>", kind)(argument)

    arguments = _ARGUMENT.sub(replaced, match["arguments"])
    first = _FIRST_ARGUMENT.match(arguments)
    if first and match["call"].lower() == "login" and _is_given(first["value"]):
        arguments = group("<key>")(first) + arguments[first.end() :]
    return f"{match['call']}({arguments}"


_MAY_BE: Final[dict[str, Callable[[str], bool]]] = {
    "command": _has_a_digit,
    "piped": lambda value: not is_stand_in(value),
    "option": lambda value: not is_stand_in(value),
    "random": _is_random,
    "literal": _is_given,
}
"""What the values in commands that log somebody in must be."""

RULES: Final = (
    Rule(
        id="signed-address",
        kind="signature",
        about="Signatures that let anybody use an address: of Amazon, Google, Azure, CDNs.",
        anchors=("signature=", "security-token=", "credential=", "sig=", "policy="),
        pattern=Late(
            r"(?<=[?&;-])(?i:signature|security-token|credential|sig|policy)="
            r"(?P<value>[A-Za-z0-9%+/=_.~-]{16,}+)"
        ),
        replace=group_where("<signature>", _has_a_digit),
        turns=(
            Turns(
                f"https://x.org/a?Expires=1&Signature={_MIXED}&Key-Pair-Id=K",
                "https://x.org/a?Expires=1&Signature=<signature>&Key-Pair-Id=K",
            ),
            Turns(f"?sv=2022&sig={_MIXED[:43]}%3D", "?sv=2022&sig=<signature>"),
            Turns(f"X-Amz-Security-Token={_MIXED}", "X-Amz-Security-Token=<signature>"),
        ),
        keeps=("sig=0.05", "?policy=open", "a-policy=wrap_transformer_layers_of_llama"),
    ),
    Rule(
        id="cookie",
        kind="cookie",
        about="Cookies that a client or a server sends.",
        anchors=("cookie",),
        pattern=Late(
            r"(?i:cookie)\\?[\"']?\s{0,4}[:=]\s{0,4}\\?[\"']?"
            r"(?P<value>[A-Za-z0-9_.-]{1,60}=(?!<)[^\s\"'\\<>][^\n\"'\\<>]{2,}+)"
        ),
        replace=group("<cookie>"),
        turns=(
            Turns("> Cookie: session=abcdef12; x=y\n", "> Cookie: <cookie>\n"),
            Turns("'Set-Cookie': 'sid=abcdef; Path=/'", "'Set-Cookie': '<cookie>'"),
        ),
        keeps=("the cookie: it is stale", "Cookie: none"),
    ),
    Rule(
        id="token-header",
        kind="authorization",
        about="Headers that hold a token, such as `X-Auth-Token` and `PRIVATE-TOKEN`.",
        anchors=("-token",),
        pattern=Late(
            r"(?i:(?:(?<=auth)|(?<=private)|(?<=job)|(?<=deploy)|(?<=vault)|(?<=access)|(?<=csrf)"
            r"|(?<=api)|(?<=registry))-token)\\?[\"']?: {0,4}\\?[\"']?"
            r"(?P<value>[A-Za-z0-9._~+/=-]{6,}+)"
        ),
        replace=group_where("<authorization>", _has_a_digit),
        turns=(
            Turns("-H 'X-Auth-Token: abc12345'", "-H 'X-Auth-Token: <authorization>'"),
            Turns("PRIVATE-TOKEN: abc12345", "PRIVATE-TOKEN: <authorization>"),
        ),
        keeps=("X-Auth-Token: $TOKEN", "X-Auth-Token: missing", "per-token: 12ms"),
    ),
    Rule(
        id="plain-authorization",
        kind="authorization",
        about="The value of an `Authorization` header that is a plain word, or has no scheme.",
        anchors=("authorization",),
        pattern=Late(
            r"(?i:\bauthorization)\\?[\"']?\s{0,4}[:=]\s{0,4}\\?[\"']?"
            r"(?:(?P<scheme>(?i:bearer|basic|token|apikey))[ ]{1,4})?"
            r"(?P<value>[A-Za-z0-9._~+/=-]{6,}+)(?P<ends>\\?[\"']|[ \t]*+(?:(?=\r?\n)|\Z))?"
        ),
        replace=_of_a_header,
        turns=(
            Turns(
                "-H 'Authorization: Bearer plainword'", "-H 'Authorization: Bearer <authorization>'"
            ),
            Turns("Authorization: Bearer plain1 x", "Authorization: Bearer <authorization> x"),
            Turns('"Authorization": "abcdefgh"', '"Authorization": "<authorization>"'),
        ),
        keeps=(
            "Authorization: required",
            "Authorization: suspended",
            "Authorization: Bearer authentication failed",
            "Authorization: Bearer EMPTY",
            "Authorization: Bearer $KEY",
            "authorization: it failed",
        ),
    ),
    Rule(
        id="stored-login",
        kind="password",
        about="Passwords in `.netrc`, in Docker's configuration and in Kaggle's key file.",
        anchors=("machine", '"auth"', '"key"', '"username"'),
        pattern=Late(
            r"(?:machine\s{1,8}[^\s<>]{1,255}\s{1,40}login\s{1,8}\S{1,255}\s{1,40}password\s{1,8}"
            r"(?P<netrc>[^\s<>]{1,}+)"
            r"|\"auth\"\s{0,4}:\s{0,4}\"(?P<docker>[A-Za-z0-9+/]{8,}+={0,2})\""
            r"|\"username\"\s{0,4}:\s{0,4}\"[^\"\n]{1,80}\"\s{0,4},\s{0,40}"
            r"\"key\"\s{0,4}:\s{0,4}\"(?P<kaggle>[0-9a-f]{32})\""
            r"|\"key\"\s{0,4}:\s{0,4}\"(?P<other>[0-9a-f]{32})(?=\"\s{0,4},\s{0,40}\"username\"))"
        ),
        replace=lambda match: (
            match.group()
            if match["docker"] and not _is_login(match["docker"])
            else group("<password>", str(match.lastgroup))(match)
        ),
        turns=(
            Turns(
                "machine api.wandb.ai\n  login user\n  password plain\n",
                "machine api.wandb.ai\n  login user\n  password <password>\n",
            ),
            Turns(
                '{"ghcr.io": {"auth": "bWU6aHVudGVyMg=="}}', '{"ghcr.io": {"auth": "<password>"}}'
            ),
            Turns(
                '{"username":"x","key":"' + "0a1b2c3d" * 4 + '"}',
                '{"username":"x","key":"<password>"}',
            ),
        ),
        keeps=(
            "machine learning login password reset",
            '{"auth": "required"}',
            '{"key": "' + "0a1b2c3d" * 4 + '"}',
            '{"key": "model.embed_tokens.weight"}',
        ),
    ),
    Rule(
        id="option-with-a-secret",
        kind="key",
        about="Values that stand behind the `=` of an option such as `--hf-token` or `--password`.",
        anchors=(
            "token=",
            "password=",
            "passwd=",
            "passphrase=",
            "pass=",
            "pwd=",
            "secret=",
            "key=",
        ),
        pattern=Late(
            r"(?P<name>(?i:token|pass(?:word|wd|phrase)?|pwd|secret|key))=[\"']?"
            r"(?P<value>[^\s\"'<>]{3,}+)"
        ),
        replace=_of_an_option,
        turns=(
            Turns("wget --password=hunter x", "wget --password=<key> x"),
            Turns("run --hf_token=plain", "run --hf_token=<key>"),
            Turns("run --db-pass=hunter", "run --db-pass=<key>"),
            Turns("vllm serve x --api-key=abc", "vllm serve x --api-key=<key>"),
        ),
        keeps=(
            "--token=$HF_TOKEN",
            "--api-key=EMPTY",
            "max_tokens=512",
            "--pad-token=[PAD]",
            "--label_key=label",
            "--key=text",
            "--first-pass=fast",
            "pad_token=eos",
            "key=value",
        ),
    ),
    Rule(
        id="login",
        kind="key",
        about="Keys and tokens in calls and commands that log somebody in, also plain words.",
        anchors=(
            "login",
            "echo ",
            "from-literal",
            "from_pretrained(",
            "_download(",
            "hfapi(",
            "client(",
        ),
        pattern=Late(
            r"(?i:(?<=wandb )login(?: --(?:relogin|cloud|verify|host[= ]\S{1,200})){0,3}[ ]{1,4}"
            r"(?P<command>[A-Za-z0-9_.-]{8,}+)"
            r"|login[ ]{1,4}--(?:with-)?token[ =]{1,4}[\"']?(?P<option>[^\s\"'<>$|;&]{3,}+)"
            r"|login[ ]{1,4}(?P<random>[A-Za-z0-9]{32,}+)"
            r"|echo (?:-n )?[\"']?(?P<piped>[^\s\"'<>|]{3,}+)[\"']? {0,4}\| {0,4}"
            r"(?:docker|podman|helm|gh|hf|huggingface-cli|wandb) [^\n|]{0,40}?login\b"
            r"|from-literal[= ][\"']?[^\s=\"'<>]{1,80}+=(?P<literal>[^\s\"'<>$]{1,}+)"
            r"|(?P<call>login|from_pretrained|_download|hfapi|client)"
            r"\((?P<arguments>(?:[^()]|\([^()]{0,400}\))*+))"
        ),
        replace=lambda match: (
            _of_a_call(match)
            if match["call"]
            else group("<key>", str(match.lastgroup))(match)
            if _MAY_BE[str(match.lastgroup)](match[str(match.lastgroup)])
            else match.group()
        ),
        turns=(
            Turns("wandb login " + "0a1b2c3d" * 5, "wandb login <key>"),
            Turns("hf auth login --token plainword", "hf auth login --token <key>"),
            Turns("login(token='plainword')", "login(token='<key>')"),
            Turns('from_pretrained("a/b", token="plain")', 'from_pretrained("a/b", token="<key>")'),
            Turns("gh auth login --with-token plain", "gh auth login --with-token <key>"),
            Turns("echo plain | docker login x", "echo <key> | docker login x"),
            Turns('notebook_login("plainword1")', 'notebook_login("<key>")'),
            Turns("--from-literal=token=plain", "--from-literal=token=<key>"),
        ),
        keeps=(
            "please login first",
            "login required for this model",
            "login(token='your_token')",
            "from_pretrained(path, pad_token=eos)",
            'from_pretrained("gpt2", pad_token="[PAD]")',
            'hf_hub_download(r, sort_key="name_x")',
            "docker login registry.example.com2",
            "ssh login node0001-ib0",
        ),
    ),
    Rule(
        id="key-of-an-experiment-tracker",
        kind="key",
        about="The key that Weights & Biases stores, as it says so.",
        anchors=("appending key",),
        pattern=Late(r"(?i:appending key)[ ]{1,4}(?P<value>[0-9a-f]{32,80}+)"),
        replace=group("<key>"),
        turns=(
            Turns(
                "wandb: Appending key " + "0a1b2c3d" * 5 + " for api.wandb.ai",
                "wandb: Appending key <key> for api.wandb.ai",
            ),
        ),
        keeps=("wandb: Appending key for api.wandb.ai to your netrc file: /root/.netrc",),
    ),
)
