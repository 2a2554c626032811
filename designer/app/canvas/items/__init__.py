"""What stands on the canvas, painted."""
