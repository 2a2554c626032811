"""What is copied to another computer: the code and its environment."""
