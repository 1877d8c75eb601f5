"""The built-in initializers, sorted by name: name, which is also the file's and the function's, what it draws."""

from nncore.api import InitializerSpec


def initializer(name: str, summary: str, *aliases: str) -> InitializerSpec:
    return InitializerSpec(
        name=name, target=f"nncore.builtin.initializers.{name}:{name}", summary=summary, aliases=aliases
    )


INITIALIZERS = [
    initializer("constant", "One value everywhere"),
    initializer("dirac", "1 where a convolution hands its input on, 0 elsewhere"),
    initializer("eye", "The identity matrix", "identity"),
    initializer("fan_in_uniform", "U(-1/sqrt(fan_in), 1/sqrt(fan_in)), PyTorch's default"),
    initializer("he_normal", "N(0, 2/fan_in), for ReLU", "kaiming_normal"),
    initializer("he_truncated_normal", "N(0, 2/fan_in) within two widths, for ReLU", "kaiming_truncated_normal"),
    initializer("he_uniform", "U(-a, a), a = sqrt(6/fan_in), for ReLU", "kaiming_uniform"),
    initializer("lecun_normal", "N(0, 1/fan_in)"),
    initializer("lecun_truncated_normal", "N(0, 1/fan_in) within two widths"),
    initializer("lecun_uniform", "U(-a, a), a = sqrt(3/fan_in)"),
    initializer("normal", "N(mean, std^2)"),
    initializer("ones", "One everywhere"),
    initializer("orthogonal", "Orthonormal rows or columns"),
    initializer("sparse", "N(0, std^2), a share of each column 0"),
    initializer("truncated_normal", "N(mean, std^2) within bounds", "trunc_normal"),
    initializer("uniform", "U(low, high)"),
    initializer("variance_scaling", "Any variance over fan_in, fan_out or fan_avg, for any activation that follows"),
    initializer("xavier_normal", "N(0, 2/(fan_in + fan_out))", "glorot_normal"),
    initializer("xavier_truncated_normal", "N(0, 2/(fan_in + fan_out)) within two widths", "glorot_truncated_normal"),
    initializer("xavier_uniform", "U(-a, a), a = sqrt(6/(fan_in + fan_out))", "glorot_uniform"),
    initializer("zeros", "Zero everywhere"),
]
