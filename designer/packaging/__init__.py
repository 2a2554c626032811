"""What travels to another computer: the code and its environment."""
