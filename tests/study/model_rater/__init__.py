"""Tests of a language model as a rater; `endpoint_server` is what it asks."""
