"""Secrets in variables whose names say what they hold, however plain their values are.

Names in capitals, as environments, containers and clusters write them: `HF_TOKEN=plain`. A name
such as `PAD_TOKEN` is of a tokenizer, and no secret.
"""

import re
from typing import Final

from firstmile.redaction.rule import Late, Replacing, Rule, Turns, words

_OF_A_TOKENIZER: Final = words(
    "ADDED ASSISTANT AUDIO AVG BEGIN BOS BOX BYTE CLS COMPLETION DEFAULT DUMMY END EOD EOM EOS",
    "EOT EXTRA FAKE FIM FIRST GENERATED IGNORE IM IMAGE IMG INPUT LAST LOGITS MASK MAX MEAN",
    "MIDDLE MIN NEW NEXT NUM OBJECT OUTPUT PAD PATCH PER PLACEHOLDER POINT PREFIX PREV PROMPT",
    "QUAD REASONING REF SEP SINGLE SOS SPECIAL SPEECH START STOP SUFFIX SYSTEM THINK TIME TOOL",
    "UNK VIDEO VISION",
)
"""Words before `_TOKEN` that make it one of a text."""

_NOTHING: Final = words(
    "absent changeme default defined disabled dummy empty enabled environment example exists",
    "false found here hidden invalid is key loaded masked missing no none not null off ok on",
    "optional password placeholder present provided read redacted required secret set str string",
    "test token true undefined unknown unset valid value variable was will yes your",
)
"""What stands behind a name that shows no secret, in lower case."""

_HIDDEN: Final = re.compile(r"[*xX.•_-]+|.{0,3}[*•]{3,}.*|[$%].*|(?i:.*your[-_ ]).*", re.DOTALL)
_OTHER_NAME: Final = re.compile(
    r"-?[\d.]+|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Za-z_]+(?:\.[A-Za-z_]+)+"
)
"""A number, another variable or an attribute, where no quotation marks make it a text."""
_PATH: Final = re.compile(r"[~.]?/.*|[A-Za-z]:\\.*|\S+\.json")
_WORD_BEFORE: Final = re.compile(r"[A-Za-z0-9]*\Z")

_VALUE: Final = (
    r"(?![A-Za-z0-9_])(?:"
    # A shell's, a container's: NAME=value
    r"=(?P<plain>[^\s\"'`<>\\,;(){}\[\]|&$]{3,4000}+)(?![(\[])"
    # A cluster's: name: NAME, then value: "value"
    r"|\\?[\"']?,?\s{1,40}\\?[\"']?value\\?[\"']?\s{0,4}:\s{0,4}\\?[\"']?"
    r"(?P<below>[^\s\"'`<>\\,;(){}\[\]|&$]{3,4000}+)"
    # Python's, JSON's, PowerShell's: "NAME": "value", ["NAME"] = "value", ("NAME", "value")
    r"|\\?[\"']?\]?\s{0,4}(?:[:=]|(?<=[\"']),)\s{0,4}[rbuf]?\\?"
    r"(?:\"(?P<double>[^\"\\\n<>]{3,400}+)\\?\"|'(?P<single>[^'\\\n<>]{3,400}+)\\?')"
    # YAML's: NAME: value, alone on its line
    r"|:[ \t]{1,4}(?P<alone>[^\s\"'`<>\\,;(){}\[\]|&$]{3,4000}+)(?=[ \t]*(?:\r?\n|\Z))"
    r")"
)


def _replacing(placeholder: str) -> Replacing:
    def replace(match: re.Match[str]) -> str:
        kind = str(match.lastgroup)
        value = match[kind]
        name = match.string[max(0, match.start() - 24) : match.start()]
        is_quoted = kind in ("double", "single")
        if (
            (match.group().startswith("_TOKEN") and _last_word(name) in _OF_A_TOKENIZER)
            or value.strip().lower() in _NOTHING
            or _HIDDEN.fullmatch(value)
            or _PATH.fullmatch(value)
            or (not is_quoted and _OTHER_NAME.fullmatch(value))
            or (is_quoted and value.count(" ") > 1)
        ):
            return match.group()
        start, end = match.start(kind) - match.start(), match.end(kind) - match.start()
        return f"{match.group()[:start]}{placeholder}{match.group()[end:]}"

    return replace


def _last_word(name: str) -> str:
    found = _WORD_BEFORE.search(name)
    return "" if found is None else found.group()


_KEYS: Final = (
    "API SECRET ACCESS AUTH PRIVATE ENCRYPTION SIGNING MASTER ACCOUNT SUBSCRIPTION STORAGE CLIENT "
    "KAGGLE WANDB OPENAI ANTHROPIC AZURE HF"
)
_KEY: Final = "|".join(f"(?<={first}_)" for first in _KEYS.split())
_NAMES: Final = (
    r"(?:(?<=[A-Z0-9])_TOKEN|(?<=[A-Z0-9])_SECRET|(?<=[A-Z0-9])_CREDENTIALS?"
    rf"|(?:{_KEY}|(?<=API))KEY(?:_BASE)?|(?<=[A-Z])_PAT)"
)
_PASSWORDS: Final = r"(?:PASSWORD|PASSWD|PASSPHRASE|(?<=[A-Z])_PWD)"

RULES: Final = (
    Rule(
        id="secret-variable",
        kind="key",
        about="Values of variables in capitals that are called a token, a key or a secret.",
        anchors=("_TOKEN", "_SECRET", "_CREDENTIAL", "KEY", "_PAT"),
        pattern=Late(_NAMES + _VALUE),
        replace=_replacing("<key>"),
        turns=(
            Turns("HF_TOKEN=plain", "HF_TOKEN=<key>"),
            Turns("docker run -e TGI_TOKEN=abc x", "docker run -e TGI_TOKEN=<key> x"),
            Turns('$env:HF_TOKEN = "plain"', '$env:HF_TOKEN = "<key>"'),
            Turns("os.environ['WANDB_API_KEY'] = 'a b'", "os.environ['WANDB_API_KEY'] = '<key>'"),
            Turns("setdefault('HF_TOKEN', 'plain')", "setdefault('HF_TOKEN', '<key>')"),
            Turns("  HF_TOKEN: plain\n  TZ: UTC", "  HF_TOKEN: <key>\n  TZ: UTC"),
            Turns("- name: HF_TOKEN\n  value: plain\n", "- name: HF_TOKEN\n  value: <key>\n"),
            Turns('{"name": "HF_TOKEN", "value": "abc"}', '{"name": "HF_TOKEN", "value": "<key>"}'),
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
            "HF_TOKEN: not set",
            "HF_TOKEN: missing",
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
        replace=_replacing("<password>"),
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
            r"(?:TOKEN|SECRET|KEY|PASSWORD|PASSWD)[ \t]{1,4}[\"']?"
            r"(?P<value>[^\s\"'<>$%]{3,400}+)"
        ),
        replace=lambda match: (
            match.group()
            if match["value"].lower() in _NOTHING
            else match.group()[: match.start("value") - match.start()] + "<key>"
        ),
        turns=(
            Turns("setx HF_TOKEN plain", "setx HF_TOKEN <key>"),
            Turns("ENV HF_TOKEN plain\nRUN x", "ENV HF_TOKEN <key>\nRUN x"),
        ),
        keeps=("setx HF_HOME D:\\hf", "ENV HF_TOKEN $TOKEN", "setenv: HF_TOKEN is not set"),
    ),
)
