"""Texts that are written for an endpoint: its entry script, OpenAPI documents, and client code."""
