"""Registered datasets in the window."""
