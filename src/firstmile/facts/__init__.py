"""What was read off a machine, never judged here.

`collect_environment` reads a `Machine` (where its files are, what its commands are) part by
part: `system`, `limits`, `hardware`, `accelerators`, `interpreters`, `variables`. A part that
could not be read is said in `not_known`, with the reason. Free texts are redacted as they are
read, so an `Environment` may be shown, saved and sent; `saving` is its JSON and the way back.
"""

from firstmile.facts.collecting import collect_environment
from firstmile.facts.environment import Environment, NotKnown
from firstmile.facts.machine import Machine
from firstmile.facts.saving import environment_from, environment_text

__all__ = [
    "Environment",
    "Machine",
    "NotKnown",
    "collect_environment",
    "environment_from",
    "environment_text",
]
