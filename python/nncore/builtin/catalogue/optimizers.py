"""The optimizers of `nncore.optim`, sorted by name: name, class, what its steps are."""

from nncore.api import OptimizerSpec


def optimizer(name: str, cls: str, summary: str, *aliases: str) -> OptimizerSpec:
    return OptimizerSpec(name=name, target=f"nncore.optim:{cls}", summary=summary, aliases=aliases)


OPTIMIZERS = [
    optimizer("adadelta", "Adadelta", "Steps scaled by running means of gradients and of steps"),
    optimizer("adafactor", "Adafactor", "Adam's scale in the memory of a row and a column of each matrix"),
    optimizer("adagrad", "Adagrad", "Steps scaled by all gradients so far"),
    optimizer("adam", "Adam", "Steps scaled by running means of the gradient and its square"),
    optimizer("adamax", "Adamax", "Adam with the largest gradient in place of the mean square"),
    optimizer("adamw", "AdamW", "Adam with decoupled weight decay"),
    optimizer("lamb", "LAMB", "Adam's steps scaled to each parameter's norm"),
    optimizer("lars", "LARS", "SGD's steps scaled to each parameter's norm"),
    optimizer("lbfgs", "LBFGS", "Steps by an estimate of the Hessian, for smooth losses over all data"),
    optimizer("lion", "Lion", "Steps by the sign of a running mean"),
    optimizer("nadam", "NAdam", "Adam with Nesterov's momentum"),
    optimizer("radam", "RAdam", "Adam that waits until its variance is known"),
    optimizer("rmsprop", "RMSprop", "Steps scaled by a running mean of squares"),
    optimizer("rprop", "Rprop", "Step sizes that grow and shrink by the gradients' signs"),
    optimizer("sgd", "SGD", "Gradient descent, with momentum if asked for"),
    optimizer("sgdw", "SGDW", "Gradient descent with decoupled weight decay"),
]
