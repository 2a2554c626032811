"""Spectroscopy for ModelDesk: modules, a port type, its view, and a deployment target."""
