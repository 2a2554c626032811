"""Running your own scripts from the window."""
