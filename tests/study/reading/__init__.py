"""Tests of reading labelled sets; `sources` makes what they read."""
