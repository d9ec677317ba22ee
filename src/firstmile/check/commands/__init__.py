"""Readers of engines' command lines, one a file."""
