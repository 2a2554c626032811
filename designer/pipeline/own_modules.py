"""The modules that the designer itself puts on a canvas, or calls.

No other file of ``designer`` or ``modules`` names a module by its id; a test checks that.
"""

DATASET = "dataset"
"""A file that is dropped on the canvas, or a registered dataset."""

ENTER_DATA = "enter_data_manually"
"""It contains the rows of examples."""

WEB_SERVICE_INPUT = "web_service_input"
"""Where an inference pipeline gets the rows of a request. Its link may share an input."""

WEB_SERVICE_OUTPUT = "web_service_output"
"""Where an inference pipeline returns rows."""

APPLY_TRANSFORMATION = "apply_transformation"
"""It replaces a step that was fitted: a request is transformed like the training data."""

SELECT_COLUMNS = "select_columns_in_dataset"
"""It replaces a step that selected columns, and keeps the label out of a response."""

ADD_MISSING_COLUMNS = "add_missing_columns"
"""It adds the columns that a client doesn't have to send, for the steps that name them."""

AUTOMATED_TRAINING = "automated_training"
AUTOMATED_FORECASTING = "automated_forecasting"
"""They find the best model; the command line links one to a dataset."""

TRAIN_MODEL = "train_model"
CROSS_VALIDATE_MODEL = "cross_validate_model"
SCORE_MODEL = "score_model"
EVALUATE_MODEL = "evaluate_model"
"""They train and evaluate a trial of Automated ML that is opened as a pipeline."""

EXPLAIN_PREDICTION = "explain_prediction"
"""It adds contributions to the scores of an endpoint that explains its predictions."""

IMPORT_FILES = "import_files"
IMAGE_DIRECTORY = "convert_to_image_directory"
"""What a folder that is dropped on the canvas can become, besides Import Data."""

IMPORT_DATA = "import_data"
DETECT_DRIFT = "detect_drift"
"""They look for changes that start a scheduled run: of a database, and of a table."""

WEB_SERVICE = (WEB_SERVICE_INPUT, WEB_SERVICE_OUTPUT)
"""Modules used only by endpoints; a run skips them."""
