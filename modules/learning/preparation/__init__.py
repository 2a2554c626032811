"""Models with the preparation of their rows."""
