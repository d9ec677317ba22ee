"""The flags of engines, as their own sources define them, one engine a file."""
