"""Why a model predicts what it predicts: Shapley values, importances, dependence."""
