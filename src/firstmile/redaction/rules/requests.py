"""Secrets of requests and clients: signed addresses, cookies, headers, stored logins, options."""

import binascii
import re
from base64 import b64decode
from typing import Final

from firstmile.redaction.rule import Late, Rule, Turns, group, group_where, words

_MIXED: Final = "x1Y2z3W4" * 8
_PLACEHOLDERS: Final = words(
    "empty none null true false missing required parameter token key password secret test dummy ",
    "example changeme your_token your-token string str is and or not value here is",
)
_OPTION: Final = re.compile(r"(?:\A|[\s\"'\[(,])--?[\w-]{0,40}\Z")


def _is_given(value: str) -> bool:
    """Whether a value is given, not left to a variable or a reader."""
    return (
        value.lower() not in _PLACEHOLDERS
        and value[0] not in "$%<*"
        and not re.fullmatch(r"[xX*.•]+|(?i:.*your[-_].*)", value)
    )


def _has_a_digit(value: str) -> bool:
    return any(map(str.isdigit, value)) and any(map(str.isalpha, value)) and _is_given(value)


def _is_login(value: str) -> bool:
    """Whether a value is a name and a password in base 64."""
    try:
        return b":" in b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False


def _of_an_option(match: re.Match[str]) -> str:
    before = match.string[max(0, match.start() - 42) : match.start()]
    is_one = _OPTION.search(before) is not None and _is_given(match["value"])
    return group("<key>")(match) if is_one else match.group()


RULES: Final = (
    Rule(
        id="signed-address",
        kind="signature",
        about="Signatures that let anybody use an address: of Amazon, Google, Azure, CDNs.",
        anchors=("signature=", "security-token=", "credential=", "sig=", "policy="),
        pattern=Late(
            r"(?<=[?&;-])(?i:signature|security-token|credential|sig|policy)="
            r"(?P<value>[A-Za-z0-9%+/=_.~-]{16,8000}+)"
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
            r"(?P<value>[A-Za-z0-9_.-]{1,60}=(?!<)[^\s\"'\\<>][^\n\"'\\<>]{2,4000}+)"
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
            r"(?P<value>[A-Za-z0-9._~+/=-]{6,4000}+)"
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
            r"(?:(?i:bearer|basic|token|apikey)[ ]{1,4})?"
            r"(?P<value>[A-Za-z0-9._~+/=-]{6,4000}+)(?=\\?[\"']|[ \t]*(?:\r?\n|\Z))"
        ),
        replace=group_where("<authorization>", _is_given),
        turns=(
            Turns(
                "-H 'Authorization: Bearer plainword'", "-H 'Authorization: Bearer <authorization>'"
            ),
            Turns('"Authorization": "abcdefgh"', '"Authorization": "<authorization>"'),
        ),
        keeps=(
            "Authorization: required",
            "Authorization: Bearer EMPTY",
            "Authorization: Bearer $KEY",
            "authorization: it failed",
        ),
    ),
    Rule(
        id="stored-login",
        kind="password",
        about="Passwords in `.netrc`, in Docker's configuration and in Kaggle's key file.",
        anchors=("machine", '"auth"', '"key"'),
        pattern=Late(
            r"(?:machine\s{1,8}[^\s<>]{1,255}\s{1,40}login\s{1,8}\S{1,255}\s{1,40}password\s{1,8}"
            r"(?P<netrc>[^\s<>]{1,400}+)"
            r"|\"auth\"\s{0,4}:\s{0,4}\"(?P<docker>[A-Za-z0-9+/]{8,2000}={0,2})\""
            r"|\"key\"\s{0,4}:\s{0,4}\"(?P<kaggle>[0-9a-f]{32})\")"
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
            '{"key": "model.embed_tokens.weight"}',
        ),
    ),
    Rule(
        id="option-with-a-secret",
        kind="key",
        about="Values that stand behind the `=` of an option such as `--hf-token` or `--password`.",
        anchors=("token=", "password=", "passwd=", "secret=", "key="),
        pattern=Late(r"(?i:token|password|passwd|secret|key)=[\"']?(?P<value>[^\s\"'<>]{3,400}+)"),
        replace=_of_an_option,
        turns=(
            Turns("wget --password=hunter x", "wget --password=<key> x"),
            Turns("run --hf_token=plain", "run --hf_token=<key>"),
            Turns("vllm serve x --api-key=abc", "vllm serve x --api-key=<key>"),
        ),
        keeps=(
            "--token=$HF_TOKEN",
            "--api-key=EMPTY",
            "max_tokens=512",
            "pad_token=eos",
            "key=value",
        ),
    ),
    Rule(
        id="login",
        kind="key",
        about="Keys and tokens in calls and commands that log somebody in, also plain words.",
        anchors=("login", "from-literal", "from_pretrained(", "_download(", "hfapi(", "client("),
        pattern=Late(
            r"(?i:login(?: --token)?[ ]{1,4}(?P<command>[A-Za-z0-9_.-]{8,200}+)"
            r"(?=[\"'`]?(?:\s|\Z))"
            r"|from-literal[= ][\"']?[^\s=\"'<>]{1,80}+=(?P<literal>[^\s\"'<>$]{1,400}+)"
            r"|(?:login|from_pretrained|_download|hfapi|client)\((?:[^\n\"'()]{0,80}[\"'][^\n\"'()]"
            r"{0,120}[\"'])?[^\n\"'()]{0,80}?(?:token|key)\s?=\s?"
            r"[\"'](?P<call>[^\s\"'<>]{5,400}+)[\"'])"
        ),
        replace=lambda match: (
            group("<key>", str(match.lastgroup))(match)
            if (_has_a_digit if match["command"] else _is_given)(match[str(match.lastgroup)])
            or " --token " in match.group()
            else match.group()
        ),
        turns=(
            Turns("wandb login " + "0a1b2c3d" * 5, "wandb login <key>"),
            Turns("hf auth login --token plainword", "hf auth login --token <key>"),
            Turns("login(token='plainword')", "login(token='<key>')"),
            Turns('from_pretrained("a/b", token="plain")', 'from_pretrained("a/b", token="<key>")'),
            Turns("--from-literal=token=plain", "--from-literal=token=<key>"),
        ),
        keeps=(
            "please login first",
            "login required for this model",
            "login(token='your_token')",
            "from_pretrained(path, pad_token=eos)",
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
