"""A license's address, as it can stand in a page."""

from firstmile.study.licensing import License
from firstmile.study.publishing.plain_text import address


def license_address(rights: License) -> str:
    """Return a license's address in Markdown: a link where we know it, nothing without one."""
    if rights.spdx:
        return f"<{rights.url}>"
    return address(rights.url) if rights.url else ""
