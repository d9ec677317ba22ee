"""Numbers that lead to a person: telephones, bank accounts, chat accounts."""

from typing import Final

from firstmile.redaction.rule import Late, Rule, Turns, group, group_where


def _is_iban(written: str) -> bool:
    """Whether the check digits are right (ISO 13616: 1 modulo 97)."""
    text = written.replace(" ", "")
    moved = text[4:] + text[:4]
    return int("".join(str(int(character, 36)) for character in moved)) % 97 == 1


RULES: Final = (
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
