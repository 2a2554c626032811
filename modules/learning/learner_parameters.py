"""Parameters that learners of one family share: titles, limits and the values to sweep.

Defaults are in the signature of each learner, where readers look first.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from modules.contract.markers import Numbers, Sweep, When

Seed = Annotated[int, Field(ge=0, le=4_294_967_295, title="Random number seed")]

ForestTrees = Annotated[int, Field(ge=1, title="Number of trees"), Sweep(1, 8, 32)]
ForestDepth = Annotated[int, Field(ge=1, title="Maximum depth of a tree"), Sweep(1, 16, 64)]
ForestLeafRows = Annotated[int, Field(ge=1, title="Minimum rows to form a leaf"), Sweep(1, 4, 16)]
Resampling = Annotated[Literal["bagging", "replicate"], Field(title="Resampling method")]

BoostedTrees = Annotated[int, Field(ge=1, title="Number of trees"), Sweep(20, 100, 500)]
BoostedLeaves = Annotated[
    int, Field(ge=2, le=131_072, title="Maximum leaves per tree"), Sweep(2, 8, 32, 128)
]
BoostedLeafRows = Annotated[int, Field(ge=1, title="Minimum rows to form a leaf"), Sweep(1, 10, 50)]
BoostedRate = Annotated[float, Field(gt=0, le=1), Sweep(0.025, 0.05, 0.1, 0.2, 0.4)]

RowShare = Annotated[float, Field(gt=0, le=1, title="Share of rows per tree"), Sweep(0.5, 0.8, 1.0)]
FeatureShare = Annotated[
    float, Field(gt=0, le=1, title="Share of features per tree"), Sweep(0.5, 0.8, 1.0)
]
L1Weight = Annotated[float, Field(ge=0, title="L1 regularization weight"), Sweep(0.0, 0.1, 1.0)]
L2Weight = Annotated[float, Field(ge=0, title="L2 regularization weight"), Sweep(0.0, 0.1, 1.0)]
OneVsRestCategories = Annotated[
    int,
    Field(ge=1, le=255, title="Most categories for one-vs-rest splits"),
    When(ordered_categories=False),
]
OrderedCategories = Annotated[bool, Field(title="Split categories in sorted order")]

Tolerance = Annotated[
    float, Field(gt=0, title="Optimization tolerance"), Sweep(0.00001, 0.00000001)
]
LogisticPenalty = Annotated[
    float, Field(ge=0, title="L2 regularization weight"), Sweep(0.01, 0.1, 1.0)
]
Standardize = Annotated[bool, Field(title="Standardize features")]
Solver = Literal["newton", "l-bfgs"]

HiddenNodes = Annotated[str, Numbers(), Field(title="Number of hidden nodes")]
NetworkRate = Annotated[float, Field(gt=0, le=2, title="Learning rate"), Sweep(0.1, 0.2, 0.4)]
NetworkIterations = Annotated[
    int, Field(ge=1, title="Number of learning iterations"), Sweep(20, 40, 80, 160)
]
Momentum = Annotated[float, Field(ge=0, le=1)]
Shuffle = Annotated[bool, Field(title="Shuffle examples")]

Contamination = Annotated[
    float, Field(gt=0, le=0.5, title="Expected share of anomalies"), Sweep(0.01, 0.05, 0.1)
]

Neighbors = Annotated[int, Field(ge=1, title="Number of neighbors"), Sweep(1, 3, 5, 11, 25)]
NeighborWeighting = Annotated[
    Literal["uniform", "distance"],
    Field(title="Weights of neighbors"),
    Sweep("uniform", "distance"),
]
DistanceMetric = Annotated[Literal["Euclidean", "Manhattan"], Field(title="Metric")]
NormalizeFeatures = Annotated[bool, Field(title="Normalize features")]
VarianceSmoothing = Annotated[
    float, Field(gt=0, le=1, title="Smoothing of variances"), Sweep(1e-9, 1e-6, 1e-3, 0.1)
]
FitTolerance = Annotated[float, Field(gt=0, lt=1, title="Optimization tolerance")]

Quantiles = Annotated[str, Numbers(), Field(title="Quantiles to be estimated")]

Kernel = Annotated[Literal["RBF", "polynomial", "linear"], Sweep("RBF", "polynomial", "linear")]
ErrorCost = Annotated[float, Field(gt=0, title="Cost of errors"), Sweep(0.1, 1.0, 10.0, 100.0)]
KernelWidth = Annotated[
    float,
    Field(ge=0, title="Gamma"),
    When(kernel=("RBF", "polynomial")),
    Sweep(0.0, 0.01, 0.1, 1.0),
]
KernelDegree = Annotated[
    int, Field(ge=1, le=10, title="Degree"), When(kernel="polynomial"), Sweep(2, 3, 4)
]
KERNELS = {"RBF": "rbf", "polynomial": "poly", "linear": "linear"}
"""The names of the kernels in scikit-learn."""

Smoothness = Annotated[
    Literal["smooth", "twice differentiable", "once differentiable"],
    Field(title="Smoothness of the function"),
]
SMOOTHNESS = {"smooth": 0.0, "twice differentiable": 2.5, "once differentiable": 1.5}
"""The parameter of the Matérn kernel for each choice; 0 for the RBF kernel."""
Relevance = Annotated[bool, Field(title="Relevance of each feature")]
KernelStarts = Annotated[int, Field(ge=0, le=50, title="Additional starts")]

TermPairs = Annotated[
    int, Field(ge=0, le=500, title="Number of pairs of features"), Sweep(0, 10, 30)
]
TermBags = Annotated[int, Field(ge=1, le=100, title="Number of bags")]
TermRounds = Annotated[int, Field(ge=1, title="Maximum number of rounds")]
TermRate = Annotated[float, Field(gt=0, le=1, title="Learning rate"), Sweep(0.005, 0.015, 0.05)]
TermLeafRows = Annotated[int, Field(ge=1, title="Minimum rows to form a leaf"), Sweep(2, 4, 20)]
