"""What is added to the canvas, moved on it and linked there."""
