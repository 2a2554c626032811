"""Submitting to Azure ML, following what runs there, bringing results back."""
