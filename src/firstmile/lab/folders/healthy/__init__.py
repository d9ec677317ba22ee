"""Healthy variants: modules with a table HEALTHY, by name."""
