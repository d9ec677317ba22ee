"""Intervals, tests, agreement and effect sizes: arrays in, numbers out.

Nothing here knows what a failure is. Tables are two-dimensional arrays of counts; random
generators are handed in; every formula names its source.
"""
