"""Running a person's own scripts from the window."""
