"""The modules of the palette and the contract that they implement.

This package is self-contained. It is copied to worker processes, clusters, Azure ML
and endpoints, and therefore imports neither ``designer`` nor Qt.
"""
