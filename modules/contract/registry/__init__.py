"""Which modules there are, and what they declare for modules that use others."""
