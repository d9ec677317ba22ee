"""Bytes are told as a person reads them."""

from firstmile.facts.sizes import GIB, MIB, shown, shown_range


def test_sizes_are_told_in_the_unit_that_suits_them() -> None:
    assert shown(15.25 * GIB) == "15.2 GiB"
    assert shown(310 * MIB) == "310 MiB"
    assert shown(2048) == "2 KiB"
    assert shown(-3 * GIB) == "-3.0 GiB"


def test_an_error_bar_is_told_where_there_is_one() -> None:
    assert shown_range(5 * GIB, 5 * GIB, 5 * GIB) == "5.0 GiB"
    assert shown_range(4 * GIB, 5 * GIB, 6.5 * GIB) == "5.0 GiB (4.0 to 6.5)"
    assert shown_range(4000, 4096, 4200) == "4 KiB"
    assert shown_range(1000, 2048, 4096) == "2 KiB (1 to 4)"
