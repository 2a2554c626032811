"""Preferences: settings, what the user has agreed to, and where everything is."""
