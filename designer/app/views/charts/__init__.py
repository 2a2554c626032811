"""The charts of results."""
