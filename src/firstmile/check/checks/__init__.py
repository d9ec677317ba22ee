"""The checks, one a file, each named after what is wrong."""
