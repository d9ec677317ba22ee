"""How messages say a number of things."""


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun, or with a noun and its verb.

    "1 issue" and "1,200 issues"; of "issue waits" and "issues wait", "1 issue waits".
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"
