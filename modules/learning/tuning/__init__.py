"""Trying settings of a learner: which ones, and what came out."""
