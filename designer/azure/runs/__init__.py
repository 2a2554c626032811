"""Submitting to Azure ML, following runs there, downloading results."""
