"""What a person does on the canvas with mouse and keyboard."""
