"""What this package brings. It is imported when plugins are looked for, so it imports none of the components."""

from collections.abc import Iterator

from nncore.api import ArchitectureSpec, LayerSpec, hookimpl

api_version = 1


@hookimpl
def nncore_architectures() -> Iterator[ArchitectureSpec]:
    def network(name: str, target: str, summary: str) -> ArchitectureSpec:
        return ArchitectureSpec(name=name, target=f"nncore_modern.{target}", summary=summary)

    yield network("wide_resnet", "wide_resnet:WideResNet", "Residual network with wider bottlenecks, for photographs")
    for depth in (50, 101):
        summary = f"Residual network with {depth} layers and bottlenecks that are twice as wide"
        yield network(f"wide_resnet{depth}_2", f"wide_resnet:wide_resnet{depth}_2", summary)
    yield network("wide_cifar_resnet", "preact:WideCIFARResNet", "Wide residual network for small images, WRN-d-k")
    for depth, factor in ((16, 8), (28, 10), (40, 4)):
        name = f"wrn{depth}_{factor}"
        yield network(name, f"preact:{name}", f"Wide residual network with {depth} layers, {factor} times as wide")
    yield network("preact_resnet", "preact:PreActResNet", "Pre-activation residual network for small images")
    for depth in (110, 164):
        name = f"preact_resnet{depth}"
        yield network(name, f"preact:{name}", f"Pre-activation residual network with {depth} layers, small images")
    yield network("mobilenet_v2", "mobilenet:MobileNetV2", "Inverted residuals, for small devices")
    yield network("convnext", "convnext:ConvNeXt", "Residual network of large convolutions and layer normalization")
    for plan in ("tiny", "small", "base", "large"):
        yield network(f"convnext_{plan}", f"convnext:convnext_{plan}", f"The {plan} ConvNeXt")
    yield network("vit", "vit:ViT", "Vision transformer of any plan, patch and image size")
    for short, patch in (("ti", 16), ("s", 16), ("b", 16), ("b", 32), ("l", 16), ("l", 32), ("h", 14)):
        name = f"vit_{short}_{patch}"
        yield network(name, f"vit:{name}", f"Vision transformer ViT-{short.title()}/{patch}")
    yield network("unet", "unet:UNet", "Down and up again: a class for each pixel")
    yield network("lstm_classifier", "sequences:LSTMClassifier", "A long short-term memory that classifies sequences")
    yield network(
        "transformer_classifier", "sequences:TransformerClassifier", "A transformer that classifies sequences"
    )


@hookimpl
def nncore_layers() -> Iterator[LayerSpec]:
    def layer(name: str, target: str, summary: str) -> LayerSpec:
        return LayerSpec(name=name, target=f"nncore_modern.{target}", summary=summary)

    yield layer("wide_bottleneck", "wide_resnet:WideBottleneck", "Bottleneck that is wider inside")
    yield layer(
        "preact_basic", "preact:PreActBasic", "Two 3x3 convolutions, norm and activation in front, and the input"
    )
    yield layer("preact_bottleneck", "preact:PreActBottleneck", "Three convolutions, norm and activation in front")
    yield layer("inverted_residual", "mobilenet:InvertedResidual", "Few channels outside, many inside")
    yield layer(
        "convnext_block", "convnext:ConvNeXtBlock", "7x7 convolution of each channel, two linear layers, the input"
    )
    yield layer("layer_norm2d", "convnext:LayerNorm2d", "Layer normalization over the channels of an image")
    yield layer("permute", "convnext:Permute", "The dimensions in another order")
    yield layer("stochastic_depth", "convnext:StochasticDepth", "Skips a branch at random in training")
    yield layer("vit_block", "vit:ViTBlock", "Attention and two linear layers, normalization in front")
