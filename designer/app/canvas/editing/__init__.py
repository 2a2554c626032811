"""Adding, moving, and linking items on the canvas."""
