"""The built-in losses, sorted by name: name, file and class, what it computes."""

from nncore.api import LossSpec


def loss(name: str, target: str, summary: str, *aliases: str) -> LossSpec:
    return LossSpec(name=name, target=f"nncore.builtin.losses.{target}", summary=summary, aliases=aliases)


LOSSES = [
    loss("bce", "bce:BCELoss", "Cross-entropy of probabilities of two classes", "binary_cross_entropy"),
    loss(
        "bce_with_logits",
        "bce_with_logits:BCEWithLogitsLoss",
        "Cross-entropy of logits of two classes",
        "binary_cross_entropy_with_logits",
    ),
    loss(
        "cosine_embedding",
        "cosine_embedding:CosineEmbeddingLoss",
        "Angles between pairs of vectors",
        "cosine_embedding_loss",
    ),
    loss("crammer_singer", "crammer_singer:CrammerSingerLoss", "Hinge loss of the best wrong class"),
    loss("cross_entropy", "cross_entropy:CrossEntropyLoss", "Softmax cross-entropy of logits"),
    loss(
        "gaussian_nll",
        "gaussian_nll:GaussianNLLLoss",
        "Negative log-likelihood under normal distributions",
        "gaussian_nll_loss",
    ),
    loss(
        "hinge_embedding",
        "hinge_embedding:HingeEmbeddingLoss",
        "Distances of like and unlike pairs, as they are",
        "hinge_embedding_loss",
    ),
    loss("huber", "huber:HuberLoss", "Squared difference near 0, absolute difference far off", "huber_loss"),
    loss("kl_div", "kl_div:KLDivLoss", "Kullback-Leibler divergence", "kl_divergence"),
    loss("l1", "l1:L1Loss", "Absolute difference", "mae", "l1_loss"),
    loss("l1_norm", "l1_norm:L1NormLoss", "L1 norm of each sample's difference"),
    loss("l2_norm", "l2_norm:L2NormLoss", "Squared L2 norm of each sample's difference"),
    loss("margin_ranking", "margin_ranking:MarginRankingLoss", "Which of two is to be larger", "margin_ranking_loss"),
    loss("mse", "mse:MSELoss", "Squared difference", "l2", "mse_loss"),
    loss(
        "multi_margin",
        "multi_margin:MultiMarginLoss",
        "Hinge loss over the wrong classes, divided by the classes",
        "multi_margin_loss",
    ),
    loss(
        "multilabel_margin",
        "multilabel_margin:MultiLabelMarginLoss",
        "Hinge loss of samples with several labels",
        "multilabel_margin_loss",
    ),
    loss(
        "multilabel_soft_margin", "multilabel_soft_margin:MultiLabelSoftMarginLoss", "Logistic losses of several labels"
    ),
    loss("nll", "nll:NLLLoss", "Negative log-likelihood of class numbers", "nll_loss"),
    loss(
        "one_vs_all_hinge",
        "one_vs_all_hinge:OneVsAllHingeLoss",
        "A binary hinge loss for each class",
        "one_vs_rest_hinge",
    ),
    loss("poisson_nll", "poisson_nll:PoissonNLLLoss", "Negative log-likelihood of counts", "poisson_nll_loss"),
    loss("smooth_l1", "smooth_l1:SmoothL1Loss", "Absolute difference with a curve around 0", "smooth_l1_loss"),
    loss("soft_margin", "soft_margin:SoftMarginLoss", "Logistic loss of labels -1 and 1", "soft_margin_loss"),
    loss(
        "triplet_margin",
        "triplet_margin:TripletMarginLoss",
        "Distances of like and unlike pairs",
        "triplet_margin_loss",
    ),
    loss(
        "weston_watkins",
        "weston_watkins:WestonWatkinsLoss",
        "Hinge loss over the wrong classes, a multiclass SVM",
        "multiclass_hinge",
    ),
]
