"""firstmile: why open-weight language models fail in the first mile, and what to do about it.

`firstmile.check(model, command)` says what will fail before it runs; `firstmile.diagnose(failure)`
judges a text or an exception, `with firstmile.watch():` judges what a block raises, and
`%load_ext firstmile` does so below each cell of a notebook that fails.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from firstmile.check.examining import check as check
    from firstmile.diagnose.failures import diagnose as diagnose
    from firstmile.ui.watching import watch as watch

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: importing firstmile costs nothing."""
    if name == "diagnose":
        import firstmile.diagnose as callable_package

        return callable_package
    if name == "check":
        import firstmile.check as checking_package

        return checking_package
    if name == "watch":
        from firstmile.ui.watching import watch

        return watch
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load_ipython_extension(shell: Any) -> None:
    """Show a diagnosis below each cell that fails (`%load_ext firstmile`)."""
    from firstmile.ui.notebook import load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Show none any more (`%unload_ext firstmile`)."""
    from firstmile.ui.notebook import unload

    unload(shell)
