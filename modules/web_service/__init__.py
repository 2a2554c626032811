"""Where the rows of a request come in, and where the answer goes out."""
