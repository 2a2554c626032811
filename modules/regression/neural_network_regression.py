"""Neural Network Regression."""

from __future__ import annotations

from typing import Any

from modules.learning import learner
from modules.learning.automated import NETWORK_TRIALS
from modules.learning.compiled.network import Network
from modules.learning.learner_parameters import (
    HiddenNodes,
    Momentum,
    NetworkIterations,
    NetworkRate,
    Seed,
    Shuffle,
)
from modules.learning.trusted import NETWORK


@learner(
    "Neural Network Regression",
    task="regression",
    compiled=Network(),
    trusted=NETWORK,
    automated=NETWORK_TRIALS,
    keywords=("deep learning", "multilayer perceptron", "mlp", "predict a number"),
)
def neural_network_regression(
    *,
    hidden_nodes: HiddenNodes = "100",
    learning_rate: NetworkRate = 0.1,
    iterations: NetworkIterations = 100,
    momentum: Momentum = 0.0,
    shuffle: Shuffle = True,
    seed: Seed = 0,
) -> Any:
    """Predict a number with a neural network.

    Finds patterns that a linear model can't. Often boosted trees are as accurate on tables and need
    less tuning.

    Parameters
    ----------
    hidden_nodes : str
        Number of nodes of the hidden layer, or of several layers, separated by commas: ``64, 32``.
    learning_rate : float
        Length of a step. Too long a step diverges, too short a one needs more iterations.
    iterations : int
        How often each row is seen.
    momentum : float
        How much of the previous step is repeated. Up to about 0.9 it speeds training up.
    shuffle : bool
        See the rows in a new order in each iteration.
    seed : int
        Determines the first weights and the order of the rows.

    Notes
    -----
    Stochastic gradient descent on the squared error with scikit-learn's ``MLPRegressor``. Layers
    are fully connected, with tanh as the activation function, batches have 32 rows, and all
    iterations are done. Features and label are standardized inside.

    Unlike in Azure ML designer, 0 is a fixed seed, and the values to sweep are part of the
    parameters. The layers are given as a list, so that there is no script for them.
    """
    from modules.learning.estimators.neural_network import NetworkRegressor, network

    return network(
        NetworkRegressor, hidden_nodes, learning_rate, iterations, momentum, shuffle, seed
    )
