"""Pipelines on Azure ML that others start, or that start by themselves."""
