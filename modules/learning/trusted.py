"""Types in stored estimators of a family beyond skops' own list.

Each was reviewed: building it from a file sets attributes or fills arrays, and doesn't run
external code.
"""

from __future__ import annotations

FOREST = ("sklearn.tree._tree.Tree",)
"""A tree checks the arrays of its nodes when it is built: their types, shapes and children."""

BOOSTING = (
    "functools.partial",
    "sklearn._loss._loss.CyHalfBinomialLoss",
    "sklearn._loss._loss.CyHalfMultinomialLoss",
    "sklearn._loss._loss.CyHalfSquaredError",
    "sklearn._loss.link.IdentityLink",
    "sklearn._loss.link.Interval",
    "sklearn._loss.link.LogitLink",
    "sklearn._loss.link.MultinomialLogit",
    "sklearn._loss.loss.HalfBinomialLoss",
    "sklearn._loss.loss.HalfMultinomialLoss",
    "sklearn._loss.loss.HalfSquaredError",
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.utils.validation.check_array",
)
"""Losses and their links contain only numbers; bins and trees are arrays. The
``functools.partial`` calls ``check_array``: the function of a partial is checked like every
other type."""

LOGISTIC = (
    "modules.learning.solvers.logistic.PreconditionedLogisticRegression",
    "modules.learning.solvers.standardized_penalty.StandardizedLogisticRegression",
)
LINEAR = (
    "modules.learning.solvers.gradient_descent.NormalizedSGDRegressor",
    "modules.learning.solvers.least_squares.ScaledLinearRegression",
    "modules.learning.solvers.least_squares.ScaledRidge",
    "modules.learning.solvers.standardized_penalty.StandardizedRidge",
)
POISSON = ("modules.learning.estimators.poisson.PenalizedPoissonRegressor",)
MARGIN = ("modules.learning.estimators.margins.CalibratedLinearClassifier",)
QUANTILE_FOREST = (*FOREST, "modules.learning.estimators.quantile_forest.QuantileForestRegressor")
PCA_ANOMALIES = ("modules.learning.estimators.anomalies.PcaAnomalyDetector",)
ANOMALIES = (*FOREST, "modules.learning.estimators.anomalies.ThresholdedDetector")
NEAREST_ROWS = (
    "modules.learning.estimators.neighbors.NearestRowsClassifier",
    "modules.learning.estimators.neighbors.NearestRowsRegressor",
)
NAIVE_BAYES = ("modules.learning.estimators.naive_bayes.DenseGaussianNB",)
ELASTIC_NET = ("modules.learning.estimators.standardized.StandardizedElasticNet",)
BAYESIAN_RIDGE = ("modules.learning.estimators.standardized.StandardizedBayesianRidge",)
HUBER = ("modules.learning.estimators.standardized.StandardizedHuberRegressor",)
TWEEDIE = ("modules.learning.estimators.standardized.ScaledTweedieRegressor",)
MIXTURE = ("modules.learning.estimators.mixture.ClusteringMixture",)
NETWORK = (
    "modules.learning.estimators.neural_network.NetworkClassifier",
    "modules.learning.estimators.neural_network.NetworkRegressor",
)
"""Like the scikit-learn estimators that they extend or resemble, they contain parameters and
arrays."""

LIGHTGBM_REGRESSION = ("modules.learning.lightgbm_trees.LightGBMRegressor",)
LIGHTGBM_CLASSIFICATION = ("modules.learning.lightgbm_trees.LightGBMClassifier",)
"""They contain parameters, and the trees as a text that LightGBM parses when they predict."""

ROW_CLUSTERS = (
    "modules.learning.estimators.row_clusters.DensityClusters",
    "modules.learning.estimators.row_clusters.DensityTreeClusters",
    "modules.learning.estimators.row_clusters.TreeClusters",
)
"""They contain parameters, and arrays of rows, clusters, and links."""

KERNEL_CLASSIFIER = ("modules.learning.estimators.kernels.KernelClassifier",)
KERNEL_REGRESSOR = ("modules.learning.estimators.kernels.KernelRegressor",)
LINEAR_QUANTILES = ("modules.learning.estimators.linear_quantiles.LinearQuantileRegressor",)
GAUSSIAN_PROCESS = ("modules.learning.estimators.gaussian_process.GaussianProcessRegression",)
GAUSSIAN_PROCESS_OF_CLASSES = (
    "modules.learning.estimators.gaussian_process.GaussianProcessClassification",
)
EXPLAINABLE_BOOSTING_OF_NUMBERS = (
    "modules.learning.estimators.additive.ExplainableBoostingOfNumbers",
)
EXPLAINABLE_BOOSTING_OF_CLASSES = (
    "modules.learning.estimators.additive.ExplainableBoostingOfClasses",
)
"""They contain parameters and arrays."""
