"""A step as a program: finding a module, running it alone, saying what failed."""
