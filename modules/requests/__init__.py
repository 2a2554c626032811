"""The rows of a request: what they may hold, and how they become tables."""
