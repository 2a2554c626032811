"""Runs of the open pipeline: started, followed, listed, and compared."""
