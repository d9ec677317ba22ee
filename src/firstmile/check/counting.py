"""Numbers with what they count, which is one thing or several."""


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: "1 file", "1,200 files"; `many` where no "s" makes it so.

    What follows the noun may stand there too: counted(2, "file is", "files are").
    """
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def share(number: int, whole: int, noun: str, one: str, many: str) -> str:
    """Return a part of several things with its verb: "1 of 2 files is", "2 of 3 files are"."""
    return f"{number:,} of {counted(whole, noun)} {one if number == 1 else many}"
