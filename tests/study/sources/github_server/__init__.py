"""A server that speaks GitHub's REST and GraphQL dialects over an invented world, on loopback.

`world` holds the invented repositories and lets a test change them, `texts` invents what is
written there, `graphql` and `rest` answer in GitHub's shapes, `limits` counts what a token may
still ask, `faults` breaks answers on purpose, and `serving` puts it on a port. Start it as a
process of its own with `python -m tests.study.sources.github_server --help`.
"""

from .faults import Faults
from .serving import GitHubServer, serve
from .world import Repository, Thread, World, invent

__all__ = ["Faults", "GitHubServer", "Repository", "Thread", "World", "invent", "serve"]
