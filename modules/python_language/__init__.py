"""Python of the person's own."""
