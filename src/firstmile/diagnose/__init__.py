"""From text to ranked hypotheses: what failed, why, and the lines that prove it.

`reading` cleans lines, `raised` finds exceptions and which came first, `judging` weighs what
the knowledge base and the classifier say of them into a `Diagnosis`. The package can be called:
`firstmile.diagnose(failure)` is `failures.diagnose(failure)`.
"""

import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from firstmile.diagnose.hypotheses import Diagnosis


class _CallablePackage(ModuleType):
    """A package that is called as its verb says.

    The language reference provides for it: "Customizing module attribute access" sets a module's
    `__class__` to a subclass of ModuleType.
    """

    def __call__(self, failure: "str | BaseException") -> "Diagnosis":
        """Judge a text or an exception."""
        from firstmile.diagnose.failures import diagnose

        return diagnose(failure)


sys.modules[__name__].__class__ = _CallablePackage
