"""Deployment in the window: inference pipelines, endpoints, and registered models."""
