"""What a step does: the modules of the palette and the contract they are written in.

This package stands alone. It travels to worker processes, clusters, Azure ML
and endpoints, and therefore imports neither ``designer`` nor Qt.
"""
