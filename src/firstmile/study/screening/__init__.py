"""Judges which issues report a failure: keywords, ranking, duplicates, and what was missed.

`keywords` is the first step, over `stripping`'s text; `ranking` orders what two raters read in
the second; `reasons` are what they may say. `duplicates` groups what is the same. `recall` bounds
the failures missed, from a sample of all that was discarded. `evaluation` measures all of it
against issues whose class is known. Texts and arrays in, data out: no file, network or clock.
"""
