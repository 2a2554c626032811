"""Learners that group rows."""
