"""The page of endpoints, with its tabs."""
