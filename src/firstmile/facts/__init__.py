"""What was read off a machine, never judged here.

`collecting` reads a `Machine` (where its files are, what its commands are) part by part:
`system`, `cgroups`, `hardware`, `accelerators`, `interpreters`, `variables`. A part that could
not be read is said in `not_known`, with the reason. Free texts are redacted as they are read, so
an `Environment` may be shown, saved and sent; `saving` is its JSON and the way back, `listing` its
names and values for people. Nothing is imported here: who runs a command waits for no more than
it needs.
"""
