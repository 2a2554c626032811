"""Reading and writing single file formats."""
