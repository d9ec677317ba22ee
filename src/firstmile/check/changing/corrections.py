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
        for edit in settings_in(one) if one.outcome is Outcome.FAIL else ():
            found.setdefault(edit.flag, edit)
    return tuple(found.values())


def settings_in(finding: Finding) -> tuple[Edit, ...]:
    """Return what the remedy of one finding sets, all of which belongs together."""
    clause = _CLAUSE.match(finding.remedy or "")
    return tuple(
        Edit(flag=setting["flag"], value=setting["value"])
        for setting in (_SETTING.finditer(clause["settings"]) if clause else ())
        if setting["value"] not in _NO_VALUES
    )
