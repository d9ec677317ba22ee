"""The rules of redaction, one module a family; each offers `RULES`."""
