"""Windows, their tabs, and the pipelines in them."""
