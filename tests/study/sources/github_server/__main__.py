"""Run the server until it is ended; prints its address as the first line."""

import argparse
import contextlib
import sys

from .faults import Faults
from .limits import Tokens
from .serving import GitHubServer, listen
from .world import invent


def main() -> None:
    """Read the options, invent the world and serve it."""
    parser = argparse.ArgumentParser(prog="github_server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--issues", type=int, default=200, help="issues a repository")
    parser.add_argument("--repository", action="append", help="owner/name, may be repeated")
    parser.add_argument("--long", type=float, default=0.01, help="share with over 100 comments")
    parser.add_argument("--large-body", type=int, default=0, help="bytes of the first issue's")
    parser.add_argument("--faults", type=float, default=0.0, help="share of broken answers")
    parser.add_argument("--retry-seconds", type=int, default=1, help="what limits ask to wait")
    parser.add_argument("--limit", type=int, default=5_000, help="points an hour and token")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    world = invent(
        options.issues,
        repositories=options.repository or ["octo/engine"],
        seed=options.seed,
        long=options.long,
        large_body=options.large_body,
    )
    faults = Faults(rate=options.faults, seed=options.seed, retry_seconds=options.retry_seconds)
    server = listen(GitHubServer(world, faults, Tokens(limit=options.limit)), options.port)
    sys.stdout.write(f"{server.owner.url}\n")  # type: ignore[attr-defined]
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever(0.1)


if __name__ == "__main__":
    main()
