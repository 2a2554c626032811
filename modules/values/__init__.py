"""What travels on the wires besides tables, and how each type is stored."""

from modules.values.values import (
    Evaluation,
    Files,
    ImageFolder,
    Report,
    TrainedModel,
    Transformation,
    UntrainedModel,
    two_class_metrics,
)

__all__ = [
    "Evaluation",
    "Files",
    "ImageFolder",
    "Report",
    "TrainedModel",
    "Transformation",
    "UntrainedModel",
    "two_class_metrics",
]
