"""The lab: real runs that fail on purpose on a CPU, and healthy ones, with the logs they write.

`faults/` holds one fault a file (`fault.find_faults`), `healthy/` runs that end well.
`fork_server` runs them, in an environment with transformers and PEFT, `workbench` is what a run
has at hand, `recording` makes logs of what they wrote, and `comparing` says which entry of the
knowledge base a log meets first.
"""

from firstmile.lab.fault import Fault, find_faults

__all__ = ["Fault", "find_faults"]
