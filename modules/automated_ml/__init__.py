"""Finding the best model by trying learners and settings."""

from modules.contract import Category

CATEGORY = Category("Automated ML", 85, ("#8a4fb5", "#c79be8"))
