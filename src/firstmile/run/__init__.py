"""Starts a command, hands its output on, and says why it failed when it did.

`running` starts the command as the shell would and returns a `Run`: `streams` gives it a terminal
where there is one and a pipe where not, `forwarding` passes signals on, each of them once,
`capture` keeps the output's beginning and end, `killing` what the kernel says of a kill,
`watching` and `processes` look at a command that stands still. `reporting` writes the bug
report, in the form that `forms` has for the project in question. `ending` ends as the command did.
"""

from firstmile.run.outcome import NotStartedError, Run
from firstmile.run.running import run_command

__all__ = ["NotStartedError", "Run", "run_command"]
