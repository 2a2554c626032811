"""How good predictions are: metrics of scored rows, and folds to hold out."""
