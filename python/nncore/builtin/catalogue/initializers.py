"""The built-in initializers, sorted by name: name, which is also the file's and the function's, what it draws."""

from nncore.api import InitializerSpec


def initializer(name: str, summary: str, *aliases: str) -> InitializerSpec:
    return InitializerSpec(
        name=name, target=f"nncore.builtin.initializers.{name}:{name}", summary=summary, aliases=aliases
    )


INITIALIZERS = [
    initializer("constant", "One value everywhere"),
    initializer("fan_in_uniform", "U(-1/sqrt(fan_in), 1/sqrt(fan_in)), PyTorch's default"),
    initializer("he_normal", "N(0, 2/fan_in), for ReLU", "kaiming_normal"),
    initializer("he_uniform", "U(-a, a), a = sqrt(6/fan_in), for ReLU", "kaiming_uniform"),
    initializer("lecun_normal", "N(0, 1/fan_in)"),
    initializer("normal", "N(mean, std^2)"),
    initializer("ones", "One everywhere"),
    initializer("uniform", "U(low, high)"),
    initializer("xavier_normal", "N(0, 2/(fan_in + fan_out))", "glorot_normal"),
    initializer("xavier_uniform", "U(-a, a), a = sqrt(6/(fan_in + fan_out))", "glorot_uniform"),
    initializer("zeros", "Zero everywhere"),
]
