"""ModelDesk: a visual designer for machine learning, on the desktop."""

__version__ = "0.1.0"
