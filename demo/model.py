"""The demo's model: three convolutions and two linear layers, on pictures of 28 x 28."""

from __future__ import annotations

from torch import Tensor, nn

CLASSES = 10


class CNN(nn.Module):
    """A classifier of handwritten digits. It answers probabilities, as its last layer is Softmax.

    Sizes of the feature maps on the way: 28 -> conv1 28 -> pool1 14 -> conv2 12 -> pool2 6 ->
    conv3 4.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(nn.Conv2d(1, 32, 3, padding=1), nn.ReLU())
        self.pool1 = nn.MaxPool2d(2)
        self.conv2 = nn.Sequential(nn.Conv2d(32, 64, 3), nn.ReLU())
        self.pool2 = nn.MaxPool2d(2)
        self.conv3 = nn.Sequential(nn.Conv2d(64, 64, 3), nn.ReLU())
        self.fc1 = nn.Sequential(nn.Linear(64 * 4 * 4, 64), nn.Sigmoid())
        self.fc_final = nn.Sequential(nn.Linear(64, CLASSES), nn.Softmax(dim=1))

    def forward(self, images: Tensor) -> Tensor:
        """Probabilities of the classes, (N, 10), of pictures (N, 1, 28, 28)."""
        features = self.pool1(self.conv1(images))
        features = self.pool2(self.conv2(features))
        features = self.conv3(features)
        probabilities: Tensor = self.fc_final(self.fc1(features.flatten(start_dim=1)))
        return probabilities
