"""The retraining loop of an endpoint: new data, a challenger, a decision, stages, rolling back.

Importing this imports no library of tables or learners.
"""
