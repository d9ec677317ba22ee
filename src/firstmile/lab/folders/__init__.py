"""Seeded folders: real model folders, made with the real libraries, and what is broken in them.

`bases` makes healthy folders; each module of `faults` damages one of them, or runs it by a
command or on a machine that cannot work, and names the check that must see it; `healthy` pairs
them with commands and machines on which no check may fail. `server` makes them in the lab's
environment and provokes the faults there; `judging` asks the checks about what was recorded.
"""
