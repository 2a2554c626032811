"""Small parts that the whole window uses."""
