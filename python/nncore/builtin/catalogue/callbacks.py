"""The callbacks of `nncore.training`, sorted by name: name, file and class, what it does."""

from nncore.api import CallbackSpec


def callback(name: str, target: str, summary: str, *aliases: str) -> CallbackSpec:
    return CallbackSpec(name=name, target=f"nncore.training.{target}", summary=summary, aliases=aliases)


CALLBACKS = [
    callback("checkpoint", "callbacks:Checkpoint", "Write the training to a file, to go on from there"),
    callback("early_stopping", "callbacks:EarlyStopping", "Stop when it gets no better, with the best weights"),
    callback(
        "ema", "averaging:ExponentialWeightAveraging", "Exponential mean of the weights", "exponential_weight_averaging"
    ),
    callback("reduce_on_plateau", "plateau:ReduceOnPlateau", "Smaller rates when it gets no better"),
    callback("save_best", "callbacks:SaveBest", "Write the model of the best epoch to a file"),
    callback(
        "swa",
        "averaging:StochasticWeightAveraging",
        "Mean of the weights at the ends of the last epochs",
        "stochastic_weight_averaging",
    ),
    callback("tensorboard", "tensorboard:TensorBoard", "Event files for TensorBoard"),
    callback("unfreeze", "unfreezing:Unfreeze", "Train what was frozen once some epochs are over"),
]
