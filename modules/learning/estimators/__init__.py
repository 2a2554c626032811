"""Estimators beyond those of scikit-learn, or with what learners need of them."""
