"""Inference pipelines in the window."""
