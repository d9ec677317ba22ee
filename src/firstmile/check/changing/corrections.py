"""Settings that remedies name: what else of a command is put right with the smallest change."""

import re
from collections.abc import Iterable
from typing import Final

from firstmile.check.changing.flags import Edit
from firstmile.findings import Finding, Outcome

_CLAUSE: Final = re.compile(r"(?:Set|Say) (?P<settings>[^,;(]{1,200}?)(?:\.?$|\. |,|;| \(| or )")
_SETTING: Final = re.compile(r"(?P<flag>--[A-Za-z][\w-]{1,60})[ =](?P<value>[\w.:/-]{0,60}\w)")
_NO_VALUES: Final = frozenset(("to", "and", "with", "as", "or"))


def corrections(findings: Iterable[Finding]) -> tuple[Edit, ...]:
    """Return what the remedies of failing findings set, where they say it in so many words.

    "Set --swap-space 4." does; "Set --max-num-batched-tokens to 256 or more" leaves a choice.
    """
    found: dict[str, Edit] = {}
    for one in findings:
        clause = _CLAUSE.match(one.remedy or "") if one.outcome is Outcome.FAIL else None
        for setting in _SETTING.finditer(clause["settings"]) if clause else ():
            if setting["value"] not in _NO_VALUES:
                found.setdefault(
                    setting["flag"], Edit(flag=setting["flag"], value=setting["value"])
                )
    return tuple(found.values())
