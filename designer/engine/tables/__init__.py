"""Stored tables for the window: conditions on rows, charts, profiles."""
