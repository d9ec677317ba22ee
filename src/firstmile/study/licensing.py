"""Licenses of data: whether one is known, and the name and address that it stands for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from firstmile.study.reading.mapping import nearest
from firstmile.study.reading.quoting import quoted

_LONGEST: Final = 200
_ADDRESS: Final = re.compile(r"https://[!-~]+")
_ONE: Final = re.compile(r"(?!LicenseRef-)[A-Za-z0-9.-]+")


@dataclass(frozen=True, slots=True)
class License:
    """A license; `spdx` and `hub` are None where it is none that we know.

    `hub` is the identifier that Hugging Face's data-set cards use.
    """

    title: str
    url: str | None = None
    spdx: str | None = None
    hub: str | None = None


_CREATIVE_COMMONS: Final = {
    "CC-BY-4.0": ("Creative Commons Attribution 4.0 International", "by/4.0"),
    "CC-BY-SA-4.0": ("Creative Commons Attribution-ShareAlike 4.0 International", "by-sa/4.0"),
    "CC-BY-NC-4.0": ("Creative Commons Attribution-NonCommercial 4.0 International", "by-nc/4.0"),
    "CC-BY-NC-SA-4.0": (
        "Creative Commons Attribution-NonCommercial-ShareAlike 4.0 International",
        "by-nc-sa/4.0",
    ),
    "CC-BY-ND-4.0": ("Creative Commons Attribution-NoDerivatives 4.0 International", "by-nd/4.0"),
}
_OTHERS: Final = {
    "CC0-1.0": ("Creative Commons Zero 1.0 Universal", "cc0-1.0"),
    "ODbL-1.0": ("Open Data Commons Open Database License 1.0", "odbl"),
    "ODC-By-1.0": ("Open Data Commons Attribution License 1.0", "odc-by"),
    "PDDL-1.0": ("Open Data Commons Public Domain Dedication and License 1.0", "pddl"),
    "CDLA-Permissive-2.0": (
        "Community Data License Agreement Permissive 2.0",
        "cdla-permissive-2.0",
    ),
    "CDLA-Sharing-1.0": ("Community Data License Agreement Sharing 1.0", "cdla-sharing-1.0"),
    "MIT": ("MIT License", "mit"),
    "Apache-2.0": ("Apache License 2.0", "apache-2.0"),
}

USUAL: Final[Mapping[str, License]] = {
    **{
        spdx: License(title, f"https://creativecommons.org/licenses/{place}/", spdx, spdx.lower())
        for spdx, (title, place) in _CREATIVE_COMMONS.items()
    },
    **{
        spdx: License(title, f"https://spdx.org/licenses/{spdx}.html", spdx, hub)
        for spdx, (title, hub) in _OTHERS.items()
    },
}
"""The licenses that data sets usually bear, by SPDX identifier."""


def license_of(written: str) -> License:
    """Return what is known of a license given as an SPDX identifier, an address or a name."""
    word = _canonical(written) or written.strip()
    if word in USUAL:
        return USUAL[word]
    if _canonical(written) and _ONE.fullmatch(word):
        return License(word, f"https://spdx.org/licenses/{word}.html", word)
    return License(word or "not stated", word if word.startswith("https://") else None)


def why_no_license(written: str) -> str | None:
    """Return why a study cannot bear what is written as its license; None where it can.

    It may bear any expression of SPDX identifiers (Annex D of the SPDX specification 2.3, with
    LicenseRef- for terms of one's own), an address of terms, or nothing.
    """
    word = written.strip()
    if not word or _ADDRESS.fullmatch(word) or _canonical(word):
        return None
    return (
        f"{quoted(word[:60])} is no SPDX identifier of a license{nearest(word[:60], USUAL)} (your "
        "own terms are LicenseRef-name, or their address)"
    )


def _canonical(written: str) -> str | None:
    """Return an expression of SPDX identifiers as SPDX spells it, None where it is none."""
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    if len(written) > _LONGEST:
        return None
    try:
        return canonicalize_license_expression(written)
    except InvalidLicenseExpression:
        return None
