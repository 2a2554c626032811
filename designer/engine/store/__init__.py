"""The results of steps on disk: entries, their index, and checks of what is read."""
