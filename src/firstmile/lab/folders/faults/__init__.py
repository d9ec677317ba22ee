"""Faults of folders, commands and machines: one a file, found by the folder."""
