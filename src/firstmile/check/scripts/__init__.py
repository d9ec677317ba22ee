"""Python scripts that a command starts: read as text, parsed, and never run.

`literals` says what a literal is, `calls` finds calls with their literal arguments, `filled` knows
what parsers of dataclasses fill from the command, `kinds` sorts the calls, `loading` and `served`
tell what loading a model and starting an engine mean, `reading` joins them to an intent or to the
settings of a training.
"""
