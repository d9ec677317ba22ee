"""What is doubtful about records that were read: one function a rule, found by its module.

Every public function of a module in this folder is a rule; its name is the rule's id and says
what it flags, its docstring the good state. A rule gets everything that was read and answers
with findings: PASS where it looked and found nothing, WARN with evidence, SKIP where it could
not look. A rule that breaks becomes an ERROR of that rule alone.
"""

import inspect
import pkgutil
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module

from msgspec.structs import replace

from firstmile.findings import Finding, Outcome
from firstmile.study.reading.records import Records
from firstmile.taxonomy import Taxonomy

Rule = Callable[[Records, Taxonomy], Finding | tuple[Finding, ...]]


@cache
def rules() -> tuple[tuple[str, Rule], ...]:
    """Return all rules with their ids, in order of module and place."""
    return tuple(_find_rules())


def judge(records: Records, taxonomy: Taxonomy) -> tuple[Finding, ...]:
    """Return what all rules found."""
    return tuple(
        replace(finding, source=name)
        for name, rule in rules()
        for finding in _run(rule, records, taxonomy)
    )


def _run(rule: Rule, records: Records, taxonomy: Taxonomy) -> tuple[Finding, ...]:
    try:
        found = rule(records, taxonomy)
    except Exception as error:
        message = f"this rule broke ({type(error).__name__}), so nothing is known"
        return (Finding(source="", outcome=Outcome.ERROR, message=message),)
    return (found,) if isinstance(found, Finding) else found


def _find_rules() -> Iterator[tuple[str, Rule]]:
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        if module.name.startswith("_"):
            continue
        functions = vars(import_module(f"{__name__}.{module.name}"))
        for name, function in functions.items():
            own = inspect.isfunction(function) and function.__module__.endswith(module.name)
            if own and not name.startswith("_"):
                yield name.replace("_", "-"), function
