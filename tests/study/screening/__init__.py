"""Tests of the screen; `samples` writes the reports they judge."""
