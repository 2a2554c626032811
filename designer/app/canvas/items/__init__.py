"""What is on the canvas, painted."""
