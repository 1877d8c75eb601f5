"""Networks as estimators of scikit-learn: for its pipelines, searches and scores.

>>> from sklearn.datasets import load_digits
>>> from sklearn.model_selection import cross_val_score
>>> from nncore.sklearn import NNClassifier
>>> x, y = load_digits(return_X_y=True)
>>> bool(cross_val_score(NNClassifier(epochs=20, random_state=0), x / 16, y, cv=3).min() > 0.9)
True

It needs scikit-learn, which nncore does not bring along: `pip install "nncore[sklearn]"`.
"""

try:
    from nncore.sklearn.classifier import NNClassifier
    from nncore.sklearn.regressor import NNRegressor
except ImportError as error:
    if (error.name or "").partition(".")[0] != "sklearn":
        raise
    raise ImportError('nncore.sklearn needs scikit-learn 1.6 or newer: pip install "nncore[sklearn]"') from error

__all__ = ["NNClassifier", "NNRegressor"]
