"""Shared code of the two-class and the multiclass learner of a family."""
