"""What will fail, before it runs: a snapshot and an intent in, findings out.

`commands` read what is intended from an engine's own command line into an `intent`; `facts` is
what was read off machine and folder. Each module of `checks` judges both and returns `verdicts`;
`running` runs them all, and one that breaks is an ERROR of that one. `memory` sizes the run, and
`changing` finds the smallest change that works. None of it reads a file, asks a network or
imports what it judges: `examining` alone reads, and makes a `checkup` of it all. The package can
be called: `firstmile.check(model, command)` is `examining.check(model, command)`.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from firstmile.check.checkup import Checkup


class _CallablePackage(ModuleType):
    """A package that is called as its verb says.

    The language reference provides for it: "Customizing module attribute access" sets a module's
    `__class__` to a subclass of ModuleType.
    """

    def __call__(
        self,
        model: str | Path | None = None,
        command: str | Sequence[str] | None = None,
        **options: Any,
    ) -> "Checkup":
        """Say what will fail before it runs."""
        from firstmile.check.examining import check

        return check(model, command, **options)


sys.modules[__name__].__class__ = _CallablePackage
