"""Tests of labels that come in from, or go out to, other tools."""
