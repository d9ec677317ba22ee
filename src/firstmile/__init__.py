"""firstmile: why open-weight language models fail in the first mile, and what to do about it."""

__version__ = "0.1.0"
