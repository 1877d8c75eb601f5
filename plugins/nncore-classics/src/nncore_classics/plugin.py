"""What this package brings. It is imported when plugins are looked for, so it imports none of the components."""

from collections.abc import Iterator

from nncore.api import ArchitectureSpec, InitializerSpec, LayerSpec, hookimpl

api_version = 1


@hookimpl
def nncore_architectures() -> Iterator[ArchitectureSpec]:
    def network(name: str, target: str, summary: str) -> ArchitectureSpec:
        return ArchitectureSpec(name=name, target=f"nncore_classics.{target}", summary=summary)

    yield network(
        "lenet5_original", "lenet:LeNet5Original", "LeNet-5 of 1998: table of connections, distances to digits"
    )
    yield network("alexnet", "alexnet:AlexNet", "AlexNet with one tower, torchvision's")
    yield network("alexnet_original", "alexnet:AlexNetOriginal", "AlexNet of 2012: two towers, response normalization")
    yield network("vgg", "vgg:VGG", "3x3 convolutions and pools, of any depth of the paper")
    for depth in (11, 13, 16, 19):
        yield network(f"vgg{depth}", f"variants:vgg{depth}", f"VGG with {depth} layers")
        yield network(f"vgg{depth}_bn", f"variants:vgg{depth}_bn", f"VGG with {depth} layers and batch normalization")
    yield network("nin", "small:NiN", "Network in Network, for small images")
    yield network("nin_imagenet", "variants:nin_imagenet", "Network in Network, for photographs")
    yield network("all_cnn", "small:AllCNN", "All-CNN-C: convolutions alone")
    yield network("googlenet", "googlenet:GoogLeNet", "Inception blocks with batch normalization, torchvision's")
    yield network("googlenet_original", "variants:googlenet_original", "GoogLeNet of 2014")
    yield network("resnet", "resnet:ResNet", "Residual network for photographs, of any depth of the paper")
    for depth in (18, 34, 50, 101, 152):
        yield network(f"resnet{depth}", f"variants:resnet{depth}", f"Residual network with {depth} layers")
    for depth in (50, 101, 152):
        summary = f"Residual network with {depth} layers, the stride where the paper has it"
        yield network(f"resnet{depth}_original", f"variants:resnet{depth}_original", summary)
    for depth in (18, 34):
        yield network(f"plain{depth}", f"variants:plain{depth}", f"resnet{depth} without shortcuts")
    yield network("cifar_resnet", "resnet:CIFARResNet", "Residual network for small images, of 6n + 2 layers")
    for depth in (20, 32, 44, 56, 110):
        yield network(
            f"resnet{depth}", f"variants:resnet{depth}", f"Residual network with {depth} layers, small images"
        )
    for depth in (20, 32, 44, 56):
        yield network(f"plain{depth}", f"variants:plain{depth}", f"resnet{depth} without shortcuts")


@hookimpl
def nncore_layers() -> Iterator[LayerSpec]:
    def layer(name: str, target: str, summary: str) -> LayerSpec:
        return LayerSpec(name=name, target=f"nncore_classics.{target}", summary=summary)

    yield layer("basic_block", "blocks:BasicBlock", "Two 3x3 convolutions and the input")
    yield layer("bottleneck", "blocks:Bottleneck", "1x1, 3x3 and 1x1 convolutions and the input")
    yield layer("inception", "googlenet:Inception", "Four branches side by side")
    yield layer("auxiliary_classifier", "googlenet:Auxiliary", "A small classifier on a layer inside")
    yield layer("conv_unit", "googlenet:ConvUnit", "Convolution, normalization, activation")
    yield layer("subsampling", "lenet:Subsampling", "Trainable mean over 2x2 windows")
    yield layer("table_conv2d", "lenet:TableConv2d", "Convolution whose filters see some of the maps")
    yield layer("rbf", "lenet:RBF", "Distances to pictures of digits")


@hookimpl
def nncore_initializers() -> Iterator[InitializerSpec]:
    yield InitializerSpec(
        name="lecun_1998", target="nncore_classics.lenet:lecun_1998", summary="U(-2.4/fan_in, 2.4/fan_in)"
    )
