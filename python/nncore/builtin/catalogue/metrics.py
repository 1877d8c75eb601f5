"""The built-in metrics, sorted by name: name, file and class, what it measures."""

from nncore.api import MetricSpec


def metric(name: str, target: str, summary: str, *aliases: str) -> MetricSpec:
    return MetricSpec(name=name, target=f"nncore.builtin.metrics.{target}", summary=summary, aliases=aliases)


METRICS = [
    metric("accuracy", "accuracy:Accuracy", "Share of right classes"),
    metric("confusion_matrix", "confusion:ConfusionMatrix", "How often each class is taken for each"),
    metric("f1", "confusion:F1", "Harmonic mean of precision and recall, over the classes"),
    metric("mae", "errors:MeanAbsoluteError", "Mean absolute error", "mean_absolute_error"),
    metric("mse", "errors:MeanSquaredError", "Mean squared error", "mean_squared_error"),
    metric("precision", "confusion:Precision", "Share of right ones among those taken for a class"),
    metric("recall", "confusion:Recall", "Share of a class that is found"),
    metric("top_k_accuracy", "accuracy:TopKAccuracy", "Share of classes among the k most likely"),
]
