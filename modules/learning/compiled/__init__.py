"""Compiled forms: scikit-learn models as arrays, which endpoints score on numpy alone."""
