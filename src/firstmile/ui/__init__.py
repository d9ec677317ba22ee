"""What a person meets: the only code that prints."""
