"""A step as a program: find a module, run it in isolation, report errors."""
