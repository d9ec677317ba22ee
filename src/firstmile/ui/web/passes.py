"""The cookies of one run of the server: who came in by which link.

Cookies know no ports: whatever else listens on 127.0.0.1 is sent them too, once a page of it is
opened in the same browser. So a cookie never holds a rater's token, which opens the pages as long
as the study's key lives. It is a pass, made with a key that exists in this process alone. What
another server may have caught opens nothing once this one has ended, and never tells the token.

A key kept in the study's folder would spare raters their link after a restart, but a pass caught
once would be good until somebody noticed. The link is the same after a restart, and a page that
is still open keeps its decision until the link has been opened again. While this run lasts, a
caught pass does open the pages; neither a narrower path nor SameSite keeps it from another port.
Whoever shares the machine with servers they don't trust labels in a browser profile of its own.
"""

import hmac
import secrets
from collections.abc import Sequence
from hashlib import sha256


class Passes:
    """Gives each rater a pass, and knows whose a pass is; another run knows none of them."""

    def __init__(self, raters: Sequence[str]) -> None:
        key = secrets.token_bytes(32)
        self._of = {rater: hmac.new(key, rater.encode(), sha256).hexdigest() for rater in raters}

    def of(self, rater: str) -> str:
        """Return a rater's pass."""
        return self._of[rater]

    def rater_of(self, given: str) -> str | None:
        """Return whose pass it is, None where it is nobody's."""
        found = None
        for rater, held in self._of.items():
            if hmac.compare_digest(held.encode(), given.encode()):
                found = rater
        return found
