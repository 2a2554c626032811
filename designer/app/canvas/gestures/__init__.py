"""What a user does on the canvas with mouse and keyboard."""
