"""Scoring packages as web services on Azure ML."""
