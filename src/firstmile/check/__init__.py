"""What will fail, before it runs: a snapshot and an intent in, findings out.

`commands` read what is intended from an engine's own command line into an `intent`; `facts` is
what was read off machine and folder. Each module of `checks` judges both and returns `verdicts`;
`running` runs them all, and one that breaks is an ERROR of that one. `memory` sizes the run.
Nothing here reads a file, asks a network or imports what it judges.
"""
