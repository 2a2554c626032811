"""From a table to a fitted model, and from a fitted model to plain numbers."""
