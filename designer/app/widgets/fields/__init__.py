"""Fields and choices that keyboard, pointer, and assistive technology set alike."""
