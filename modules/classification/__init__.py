"""Learners that predict classes."""
