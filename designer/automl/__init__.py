"""Automated ML around its module: trials as pipelines, and a pipeline for a dataset."""
