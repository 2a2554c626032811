"""Charts as shapes: one drawing for the window, for notebooks, and for saved images."""
