"""Port types besides tables, and how each is stored."""

from modules.values.compiled_model import CompiledForm, CompiledModel
from modules.values.evaluation import Evaluation, EvaluationReport
from modules.values.evaluation_summary import (
    TWO_CLASS_METRICS,
    EvaluationReportSummary,
    EvaluationSummary,
    two_class_metrics,
)
from modules.values.files import Files
from modules.values.image_folder import ImageFolder
from modules.values.report import Report, ReportSummary, Section
from modules.values.trained_model import ModelSummary, TrainedModel
from modules.values.transformation import Transformation
from modules.values.untrained_model import LearnerSummary, UntrainedModel

__all__ = [
    "TWO_CLASS_METRICS",
    "CompiledForm",
    "CompiledModel",
    "Evaluation",
    "EvaluationReport",
    "EvaluationReportSummary",
    "EvaluationSummary",
    "Files",
    "ImageFolder",
    "LearnerSummary",
    "ModelSummary",
    "Report",
    "ReportSummary",
    "Section",
    "TrainedModel",
    "Transformation",
    "UntrainedModel",
    "two_class_metrics",
]
