"""The built-in schedules of the learning rate, sorted by name: name, file and function, its course."""

from nncore.api import ScheduleSpec


def schedule(name: str, target: str, summary: str, *aliases: str) -> ScheduleSpec:
    return ScheduleSpec(name=name, target=f"nncore.builtin.schedules.{target}", summary=summary, aliases=aliases)


SCHEDULES = [
    schedule("chain", "chain:Chain", "One schedule after another, at milestones", "sequential"),
    schedule("constant", "constant:constant", "One rate throughout"),
    schedule("cosine", "cosine:cosine", "Half a cosine, with a warm-up if asked for", "cosine_annealing"),
    schedule("cosine_restarts", "cosine_restarts:cosine_restarts", "Half cosines, one after the other", "sgdr"),
    schedule("exponential", "exponential:exponential", "The same factor in each epoch"),
    schedule("inverse_sqrt", "inverse_sqrt:inverse_sqrt", "Up, and down along a square root", "noam"),
    schedule("one_cycle", "one_cycle:one_cycle", "Up and down again along cosines"),
    schedule("polynomial", "polynomial:polynomial", "Down along a power of what is left", "linear"),
    schedule("product", "product:Product", "The product of several schedules"),
    schedule("staircase", "staircase:staircase", "A factor after every so many epochs", "step"),
    schedule("steps", "steps:steps", "A factor at each of some epochs", "multi_step"),
    schedule("triangular", "triangular:triangular", "Up and down along lines, again and again", "cyclic"),
    schedule("warmup", "warmup:warmup", "Up along a line, and one rate from then on"),
]
