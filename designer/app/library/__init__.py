"""The modules of the window: followed while files change, made, and made available."""
