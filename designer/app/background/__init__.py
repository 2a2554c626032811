"""The one way in which the window starts slow work: threads, jobs, and calls of the engine."""
