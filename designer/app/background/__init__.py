"""Starts slow work for the window: threads, jobs, and calls of the engine."""
