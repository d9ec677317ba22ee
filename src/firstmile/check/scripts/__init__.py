"""Python scripts that a command starts: read as text, parsed, and never run.

`literals` says what a literal is, `calls` finds calls with their literal arguments, `filled` knows
what parsers of dataclasses fill from the command, `surely` what of a script is run for certain and
`own_options` what its own parser answers to the command's words, `kinds` sorts the calls, `loading`
and `served` tell what loading a model and starting an engine mean, `reading` joins them to an
intent or to the settings of a training.
"""
