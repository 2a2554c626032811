"""Finding rows that differ from the rest."""

from modules.contract import Category

CATEGORY = Category("Anomaly Detection", 75, ("#b23a3a", "#f08080"), task="Anomaly detection")
