"""Items of the canvas."""
