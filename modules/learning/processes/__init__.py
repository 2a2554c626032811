"""Other processes of a step, in which models are trained at the same time."""
