"""Tests of the raters' agreement."""
