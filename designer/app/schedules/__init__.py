"""The page of schedules, the dialogs that make them, and the server behind the window."""
