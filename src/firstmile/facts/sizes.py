"""Amounts of bytes, as a person reads them."""

from typing import Final

KIB: Final = 1024
MIB: Final = 1024**2
GIB: Final = 1024**3


def shown(size: float) -> str:
    """Return bytes as a person reads them: "15.2 GiB", "310 MiB", "12 KiB"."""
    if abs(size) >= GIB:
        return f"{size / GIB:,.1f} GiB"
    return f"{size / MIB:,.0f} MiB" if abs(size) >= MIB else f"{size / KIB:,.0f} KiB"


def shown_range(low: float, likely: float, high: float) -> str:
    """Return bytes with their error bar: "15.2 GiB (14.8 to 16.9)"."""
    if high - low < 0.02 * max(likely, 1):
        return shown(likely)
    if high >= KIB * max(likely, 1):
        return f"{shown(likely)} ({shown(low)} to {shown(high)})"
    unit = next((one for one in (GIB, MIB) if abs(likely) >= one), KIB)
    digits = 1 if unit == GIB else 0
    least, most = (f"{one / unit:,.{digits}f}" for one in (low, high))
    return shown(likely) if least == most else f"{shown(likely)} ({least} to {most})"
