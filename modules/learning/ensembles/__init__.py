"""Learners that train other learners, and the models that combine what those predict."""
