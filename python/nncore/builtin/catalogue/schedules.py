"""The built-in schedules of the learning rate, sorted by name: name, file and function, its course."""

from nncore.api import ScheduleSpec


def schedule(name: str, target: str, summary: str, *aliases: str) -> ScheduleSpec:
    return ScheduleSpec(name=name, target=f"nncore.builtin.schedules.{target}", summary=summary, aliases=aliases)


SCHEDULES = [
    schedule("constant", "constant:constant", "One rate throughout"),
    schedule("cosine", "cosine:cosine", "Half a cosine, with a warm-up if asked for", "cosine_annealing"),
    schedule("exponential", "exponential:exponential", "The same factor in each epoch"),
    schedule("one_cycle", "one_cycle:one_cycle", "Up and down again along cosines"),
    schedule("polynomial", "polynomial:polynomial", "Down along a power of what is left", "linear"),
    schedule("steps", "steps:steps", "A factor at each of some epochs", "multi_step"),
]
