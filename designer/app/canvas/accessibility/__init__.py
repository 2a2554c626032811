"""What a screen reader reads of the canvas."""
