"""Licenses of data: the name and the address that an SPDX identifier stands for."""

from dataclasses import dataclass
from typing import Final

from firstmile.study.publishing.plain_text import address


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


def license_of(written: str) -> License:
    """Return what is known of a license given as an SPDX identifier, an address or a name."""
    word = written.strip()
    for spdx, (title, place) in _CREATIVE_COMMONS.items():
        if word.casefold() == spdx.casefold():
            address = f"https://creativecommons.org/licenses/{place}/"
            return License(title, address, spdx, spdx.lower())
    for spdx, (title, hub) in _OTHERS.items():
        if word.casefold() == spdx.casefold():
            return License(title, f"https://spdx.org/licenses/{spdx}.html", spdx, hub)
    return License(word or "not stated", word if word.startswith("https://") else None)


def license_address(rights: License) -> str:
    """Return a license's address in Markdown: a link where we know it, nothing without one."""
    if rights.spdx:
        return f"<{rights.url}>"
    return address(rights.url) if rights.url else ""
