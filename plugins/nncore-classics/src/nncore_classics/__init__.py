"""The classic convolutional networks, LeNet-5 to ResNet-152, for nncore."""
