"""Scoring a whole file with a scoring package, without a server."""
