"""The outline: modules, ports, and links as a tree."""
