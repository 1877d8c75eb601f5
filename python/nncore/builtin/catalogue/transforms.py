"""The transforms of `nncore.preprocess`, sorted by name: name, file and class, what it does."""

from nncore.api import TransformSpec


def transform(name: str, target: str, summary: str, *aliases: str) -> TransformSpec:
    return TransformSpec(name=name, target=f"nncore.preprocess.{target}", summary=summary, aliases=aliases)


TRANSFORMS = [
    transform("mean_subtraction", "elementwise:MeanSubtraction", "Mean 0 of each feature, pixel or channel"),
    transform("min_max", "elementwise:MinMax", "Training data fills [-1, 1] or another range"),
    transform("normalize", "elementwise:Normalize", "Means and deviations known beforehand, such as ImageNet's"),
    transform("one_hot", "one_hot:OneHot", "Labels as rows with a one at the class"),
    transform("pca", "decorrelate:PCA", "Principal components, whitened if asked for"),
    transform("pipeline", "pipeline:Pipeline", "Transforms one after the other"),
    transform("standardize", "elementwise:Standardize", "Mean 0 and standard deviation 1", "standard_scaler"),
    transform("zca", "decorrelate:ZCA", "Whitening that stays near the inputs"),
]
