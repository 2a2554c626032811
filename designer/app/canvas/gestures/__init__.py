"""Mouse and keyboard gestures on the canvas."""
