"""Where cards, notes, and links go: without Qt, from sizes and positions alone."""
