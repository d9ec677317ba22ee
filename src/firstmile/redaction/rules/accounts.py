"""Numbers that lead to a person: telephones, bank accounts, chat accounts."""

import re
from typing import Final

from firstmile.redaction.rule import Late, Rule, Turns, group, group_where


def _is_iban(written: str) -> bool:
    """Whether the check digits are right (ISO 13616: 1 modulo 97)."""
    text = written.replace(" ", "")
    moved = text[4:] + text[:4]
    return int("".join(str(int(character, 36)) for character in moved)) % 97 == 1


def _is_international(written: str) -> bool:
    """Whether a number has as many digits as one with a country's code (ITU-T E.164: 15)."""
    return 9 <= sum(map(str.isdigit, written)) <= 15


_CODES: Final = (
    r"(?:1|7|2(?:0|7|[1-69]\d)|3(?:[0-469]|[578]\d)|4(?:[013-9]|2\d)|5(?:[1-8]|[09]\d)"
    r"|6(?:[0-6]|[7-9]\d)|8(?:[1246]|[0578]\d)|9(?:[0-58]|[679]\d))"
)
"""Country codes (ITU-T E.164)."""

RULES: Final = (
    Rule(
        id="telephone-international",
        kind="telephone",
        about="Telephone numbers with a plus and a country's code, in groups.",
        anchors=re.compile(r"\+[1-9]\d{0,2}[ (-]{1,2}\d"),
        before=1,
        after=40,
        pattern=Late(
            rf"(?<=[ (:：,，;/\"'>])(?P<value>\+{_CODES}(?:[ -]?\(0?\d{{1,4}}\)|[ -]\d{{2,5}})"
            r"(?:[ -]\d{2,8}){1,4}+)(?![A-Za-z0-9%]|[.,:x*/]\d)"
        ),
        replace=group_where("<telephone>", _is_international),
        turns=(
            Turns("call +49 170 1234567 now", "call <telephone> now"),
            Turns("或 +86 138 0013 8000", "或 <telephone>"),
            Turns("(+1 (415) 555-0100)", "(<telephone>)"),
            Turns("mail: +44 20 7946 0958", "mail: <telephone>"),
        ),
        keeps=(
            "+49 170 1234567 are the numbers of a diff",
            "2024-01-02 03:04:05 +0100",
            "loss +12 345 rows",
            "@@ -10,7 +10,8 @@",
            "x +1 100 200 tokens",
            "torch 2.5.1 +cu124",
            "a +64 128 256 512 1024 2048",
        ),
    ),
    Rule(
        id="telephone",
        kind="telephone",
        about="Telephone numbers, where a word says that one follows.",
        anchors=("phone", "tel:", "whatsapp", "电话", "手机"),
        pattern=Late(
            r"(?i:(?<![A-Za-z0-9])(?:phone|telephone|tel|mobile|whatsapp)(?: ?(?:number|no\.?))?"
            r"|电话|手机)号?[:： ]{1,3}(?P<value>\+?\(?\d[\d ()./-]{6,18}+)(?<=\d)(?![A-Za-z0-9])"
        ),
        replace=group("<telephone>"),
        turns=(
            Turns("Tel: +49 30 1234567, please", "Tel: <telephone>, please"),
            Turns("手机:13800138000", "手机:<telephone>"),
        ),
        keeps=("a telemetry: 1234567890", "mobile: 8 GB", "phone 12 Pro Max"),
    ),
    Rule(
        id="bank-account",
        kind="bank-account",
        about="International bank account numbers with right check digits.",
        anchors=("iban",),
        pattern=Late(
            r"(?i:iban)[ a-z]{0,16}[:=]?[\"' ]{0,3}"
            r"(?P<value>[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?)(?![A-Za-z0-9])"
        ),
        replace=group_where("<bank-account>", _is_iban),
        turns=(Turns("IBAN DE89 3704 0044 0532 0130 00.", "IBAN <bank-account>."),),
        keeps=("IBAN DE88 3704 0044 0532 0130 00", "an urban area", "IBAN: none"),
    ),
    Rule(
        id="chat-account",
        kind="chat-account",
        about="Accounts of WeChat, QQ and Telegram, and tokens of Telegram's robots.",
        anchors=("微信", "wechat", "qq", "t.me/", ":AA"),
        pattern=Late(
            r"(?:(?:微信号?|(?i:wechat(?: id)?))[:： ]{1,3}(?P<wechat>[A-Za-z][A-Za-z0-9_-]{5,19}+)"
            r"|(?i:(?<![A-Za-z])qq)号?群?[:： ]{1,3}(?P<qq>\d{5,11}+)"
            r"|(?<![A-Za-z0-9.])t\.me/(?P<telegram>[A-Za-z][A-Za-z0-9_]{4,31}+)"
            r"|(?<=\d{8}):(?P<robot>AA[A-Za-z0-9_-]{33}))(?![A-Za-z0-9])"
        ),
        replace=lambda match: group("<chat-account>", str(match.lastgroup))(match),
        turns=(
            Turns("加微信:ada_lovelace1", "加微信:<chat-account>"),
            Turns("QQ: 123456789", "QQ: <chat-account>"),
            Turns("12345678:AA" + "x1Y2z3W4_" * 3 + "x1Y2z3", "12345678:<chat-account>"),
        ),
        keeps=("a wechat bot", "QQ", "微信群"),
    ),
)
