"""The rows of a request: their schema, and their conversion to tables."""
