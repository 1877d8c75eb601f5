"""The penalties of `nncore.regularization`, sorted by name: name, class, what it adds."""

from nncore.api import PenaltySpec


def penalty(name: str, cls: str, summary: str, *aliases: str) -> PenaltySpec:
    return PenaltySpec(name=name, target=f"nncore.regularization.penalties:{cls}", summary=summary, aliases=aliases)


PENALTIES = [
    penalty("elastic_net", "ElasticNet", "l1·Σ|w| + l2·Σw²"),
    penalty("l1", "L1", "λ·Σ|w|, for weights that are 0", "lasso"),
    penalty("l2", "L2", "λ·Σw², for small weights", "ridge"),
]
