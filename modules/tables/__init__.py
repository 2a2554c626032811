"""What modules of several categories do with tables."""
