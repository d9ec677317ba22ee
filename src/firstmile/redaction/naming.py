"""What the name of a value says of it: a secret, a mark in a model's text, or nothing certain.

`hf_token` names a secret, `pad_token` a mark that a tokenizer puts into a text, and `sort_key` a
column. A plain word behind the first must go; behind the others it is what a diagnosis lives on.
"""

import re
from enum import Enum, auto
from typing import Final

from firstmile.redaction.rule import words


class Named(Enum):
    """What a name makes of its value."""

    SECRET = auto()
    MARK = auto()
    UNCERTAIN = auto()
    NOTHING = auto()


_SECRETS: Final = words("password passwd passphrase pwd pw secret credential credentials")

_OF_A_TEXT: Final = words(
    "action add added answer assistant audio avg begin bod boi bos box byte chat class cls code",
    "coder column completion context control decoder default delimiter depth doc document draft",
    "dummy end entity eod eoi eom eop eos eot expert extra fake fim final first function generated",
    "generic gist global hole human ignore im image img infill input instruct instruction label",
    "lang language last latent learnable learned line lm loc location logits mask max mean mem",
    "memory message middle min mm modality motion mtp new newline next null num obj object ocr op",
    "output pad page passage patch per placeholder point pos position prefix prev prompt quad",
    "query question reasoning ref reference region register reserved response role router row",
    "segment sep separator single sink soft soi sos sot source space speaker special speech split",
    "src start stop style suffix summary system target task text tgt think thinking time timestamp",
    "title tool turn unk unknown unused value video vision visual vq word",
)
"""Words before `token` that make it one of a text."""

_OF_A_SERVICE: Final = words(
    "access admin anthropic api app auth aws bearer bot ci civitai clearml client cohere comet",
    "csrf dagshub databricks deploy device discord face gh git github gitlab gl groq hf hub",
    "huggingface identity jupyter jwt kaggle login mistral mlflow modelscope ms neptune ngc ngrok",
    "notebook npm oauth openai personal private push pypi refresh registry replicate roboflow",
    "runner runpod secret security serper server service session slack sso sts tavily telegram",
    "user vault wandb web xsrf zenodo",
)
"""Words before `token` that make it a secret."""

_BEFORE_KEY: Final = words(
    "access account anthropic api auth azure encryption hf kaggle license master openai private",
    "secret signing subscription wandb",
)
"""Words before `key` that make it a secret."""

_BEFORE_PASS: Final = words(
    "admin auth database db ftp http https imap ldap login mail mongo mysql pg pgsql postgres",
    "proxy redis root smtp ssh sudo user vault",
)
"""Words before `pass` that make it a password: `--two-pass` runs twice."""

_PARTS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LONGEST: Final = 80


def named(name: str) -> Named:
    """Return what a name says of its value, however its words are joined: `hf-token`, `hfToken`."""
    parts = [part.lower() for part in _PARTS.findall(name[-_LONGEST:])]
    last = parts[-1] if parts else ""
    before = parts[-2] if len(parts) > 1 else ""
    if last in ("token", "key"):
        return _of_a_token(before) if last == "token" else _of_a_key(before)
    if last in _SECRETS:
        return Named.SECRET
    if last == "pass":
        return Named.SECRET if not before or before in _BEFORE_PASS else Named.NOTHING
    if last.endswith("apikey"):
        return Named.SECRET
    return Named.UNCERTAIN if last.endswith("token") else Named.NOTHING


def _of_a_token(before: str) -> Named:
    if not before or before in _OF_A_SERVICE:
        return Named.SECRET
    return Named.MARK if before in _OF_A_TEXT else Named.UNCERTAIN


def _of_a_key(before: str) -> Named:
    return Named.SECRET if before in _BEFORE_KEY else Named.NOTHING
