"""How the window starts slow work."""
