"""Handwritten digits, as tensors: those that scikit-learn brings, or MNIST's own files."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import Tensor
from torch.nn import functional

from demo.idx import read_idx

SIDE = 28
"""Height and width of the pictures that the model takes, in pixels."""

_TEST_SHARE = 0.2
_COMPARED = 2_000
"""Digits of each part that are compared pair by pair: 16 MB of distances."""
_DARKEST_OF_DIGITS = 16.0  # scikit-learn's pixels count the dark ones among 4 x 4 scanned ones
_DARKEST_OF_MNIST = 255.0


class Digits(NamedTuple):
    """Pictures (N, 1, 28, 28), float32 from 0, paper, to 1, ink; what they show (N,), int64."""

    images: Tensor
    labels: Tensor


def bundled_digits(seed: int) -> tuple[Digits, Digits]:
    """The 1,797 digits of 8 x 8 that scikit-learn brings, for training and for testing.

    They are scaled up to the model's 28 x 28. The split keeps the share of each digit.
    """
    bunch = load_digits()
    small = torch.from_numpy(bunch.images).float().unsqueeze(1) / _DARKEST_OF_DIGITS
    images = functional.interpolate(small, size=(SIDE, SIDE), mode="bilinear", align_corners=False)
    labels = torch.from_numpy(bunch.target).long()
    training, testing = train_test_split(
        np.arange(len(labels)), test_size=_TEST_SHARE, random_state=seed, stratify=bunch.target
    )
    return Digits(images[training], labels[training]), Digits(images[testing], labels[testing])


def hard_and_typical(training: Digits, testing: Digits, hard: int) -> Tensor:
    """Places of test digits that are worth following: the `hard` hardest, then typical ones.

    A digit is the harder, the farther its nearest training digit of the same class is compared
    with the nearest of any other. Behind them stands the most typical digit of each of their
    classes, once. The distance is that of the pixels, so that no model is needed to choose. Only
    the first digits are compared, so that MNIST's ten thousand do not take gigabytes.
    """
    candidates, known = (part[:_COMPARED] for part in (testing.images, training.images))
    distances = torch.cdist(candidates.flatten(1), known.flatten(1))
    is_same = testing.labels[:_COMPARED, None] == training.labels[None, :_COMPARED]
    same = distances.where(is_same, torch.inf).amin(dim=1)
    other = distances.where(~is_same, torch.inf).amin(dim=1)
    order = (same / other).argsort(descending=True, stable=True)
    hardest = order[:hard]
    typical = {int(testing.labels[place]): place for place in order[hard:]}
    classes = dict.fromkeys(testing.labels[hardest].tolist())
    return torch.stack([*hardest, *(typical[name] for name in classes if name in typical)])


def mnist(folder: Path) -> tuple[Digits, Digits]:
    """MNIST for training and for testing, from its four IDX files, plain or gzipped.

    Raises FileNotFoundError where one is missing, and ValueError where one is not what MNIST's is.
    """
    return _mnist_part(folder, "train"), _mnist_part(folder, "t10k")


def _mnist_part(folder: Path, part: str) -> Digits:
    images = _read(folder, f"{part}-images-idx3-ubyte", ("pictures", SIDE, SIDE))
    labels = _read(folder, f"{part}-labels-idx1-ubyte", ("labels",))
    if len(images) != len(labels):
        raise ValueError(
            f"{folder}: expected as many labels as pictures in its files {part}-*, "
            f"received {len(images)} pictures and {len(labels)} labels"
        )
    pictures = torch.from_numpy(images).unsqueeze(1).float() / _DARKEST_OF_MNIST
    return Digits(pictures, torch.from_numpy(labels).long())


def _read(folder: Path, name: str, expected: tuple[str | int, ...]) -> npt.NDArray[np.uint8]:
    """The array of a file of ``folder``, of which ``expected`` names or fixes each axis."""
    candidates = [folder / name, folder / f"{name}.gz"]
    found = [file for file in candidates if file.is_file()]
    if not found:
        raise FileNotFoundError(f"{folder}: expected a file {name} or {name}.gz, found neither")
    array = read_idx(found[0])
    fixed_axes_fit = len(array.shape) == len(expected) and all(
        isinstance(wanted, str) or wanted == length
        for wanted, length in zip(expected, array.shape, strict=True)
    )
    if not fixed_axes_fit:
        raise ValueError(f"{found[0]}: expected the shape {expected}, received {array.shape}")
    return array
