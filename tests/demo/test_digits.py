from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from sklearn.datasets import load_digits

from demo.digits import bundled_digits, hard_and_typical, mnist
from tests.demo.mnist_files import write_mnist


def test_the_bundled_digits_are_all_there_and_none_is_in_both_parts() -> None:
    training, testing = bundled_digits(seed=0)
    assert len(training.labels) + len(testing.labels) == 1797
    both = torch.cat([training.images, testing.images])
    assert both.shape == (1797, 1, 28, 28)
    # Scikit-learn's own copies are no duplicates of one another.
    distinct = len(np.unique(load_digits().data, axis=0))
    assert len(torch.unique(both.flatten(1), dim=0)) == distinct


def test_the_parts_hold_every_digit_in_the_same_share() -> None:
    training, testing = bundled_digits(seed=0)
    shares = [np.bincount(part.labels.numpy()) / len(part.labels) for part in (training, testing)]
    np.testing.assert_allclose(shares[0], shares[1], atol=0.005)


def test_pictures_go_from_paper_to_ink() -> None:
    training, _ = bundled_digits(seed=0)
    assert training.images.dtype == torch.float32
    assert training.images.min() == 0.0
    assert training.images.max() == 1.0


def test_a_digit_is_scaled_up_by_bilinear_interpolation_between_pixel_centres() -> None:
    training, _ = bundled_digits(seed=0)
    label, large = int(training.labels[0]), training.images[0, 0].numpy()
    bunch = load_digits()
    scaled = [_scaled_up(small / 16.0) for small in bunch.images[bunch.target == label]]
    assert min(float(np.abs(each - large).max()) for each in scaled) < 1e-6


def _scaled_up(small: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """28 x 28 from 8 x 8, by NumPy's interpolation along one axis after the other."""
    at = (np.arange(28) + 0.5) * 8 / 28 - 0.5
    rows = np.array([np.interp(at, np.arange(8), row) for row in small])
    return np.array([np.interp(at, np.arange(8), column) for column in rows.T]).T


def test_another_seed_gives_another_split() -> None:
    one, other = bundled_digits(seed=0)[1], bundled_digits(seed=1)[1]
    assert not torch.equal(one.images, other.images)


@pytest.mark.parametrize("compressed", [False, True])
def test_mnist_files_are_read_plain_and_gzipped(tmp_path: Path, compressed: bool) -> None:
    write_mnist(tmp_path, training=30, testing=20, compressed=compressed)
    training, testing = mnist(tmp_path)
    assert training.images.shape == (30, 1, 28, 28)
    assert testing.images.shape == (20, 1, 28, 28)
    assert training.labels.tolist() == [number % 10 for number in range(30)]
    assert torch.all(training.images[17] == 17 / 255)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    write_mnist(tmp_path, training=3, testing=2)
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(FileNotFoundError, match=r"t10k-labels-idx1-ubyte or .*\.gz, found neither"):
        mnist(tmp_path)


def test_pictures_of_another_size_are_refused(tmp_path: Path) -> None:
    write_mnist(tmp_path, training=3, testing=2)
    file = tmp_path / "train-images-idx3-ubyte"
    file.write_bytes(struct.pack(">BBBBIII", 0, 0, 8, 3, 3, 32, 32) + bytes(3 * 32 * 32))
    with pytest.raises(ValueError, match=r"28, 28\), received \(3, 32, 32\)"):
        mnist(tmp_path)


def test_more_labels_than_pictures_are_refused(tmp_path: Path) -> None:
    write_mnist(tmp_path, training=3, testing=2)
    file = tmp_path / "train-labels-idx1-ubyte"
    file.write_bytes(struct.pack(">BBBBI", 0, 0, 8, 1, 4) + bytes(4))
    with pytest.raises(ValueError, match="received 3 pictures and 4 labels"):
        mnist(tmp_path)


def test_hard_digits_are_those_that_look_like_another_class_and_typical_ones_follow() -> None:
    training, testing = bundled_digits(seed=0)
    places = hard_and_typical(training, testing, hard=5).tolist()
    known = training.images.flatten(1).numpy()
    ratios = []
    for image, label in zip(testing.images.flatten(1).numpy(), testing.labels, strict=True):
        distances = np.linalg.norm(known - image, axis=1)
        is_same = training.labels.numpy() == int(label)
        ratios.append(distances[is_same].min() / distances[~is_same].min())
    hardest = np.argsort(ratios)[::-1][:5]
    assert places[:5] == hardest.tolist()
    classes = testing.labels[places].tolist()
    assert sorted(classes[5:]) == sorted(set(classes[:5]))
    for place in places[5:]:
        others = [r for r, c in zip(ratios, testing.labels, strict=True) if c == classes[0]]
        if testing.labels[place] == classes[0]:
            assert ratios[place] == min(others)
