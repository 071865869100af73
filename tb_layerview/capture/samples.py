"""Which items of the batch are kept, and what a step was given beside the model's outputs."""

from __future__ import annotations

import numbers
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch

from tb_layerview.capture.arguments import whole_number
from tb_layerview.capture.nested import DEPTH_LIMIT, items_of, joined, named_tensors
from tb_layerview.capture.tensors import UnrecordableError
from tb_layerview.errors import ArgumentError

TEXT: Final = "utf8"
"""How the name of a tensor ends whose rows are texts."""

_MOST_TEXT_BYTES: Final = 4096
"""Of a text, what a person would read of it in a table, and more."""

_NO_WORDS: Final = (
    "words (str) are no numbers: expected the number of the class of each sample; labels= of the "
    "LayerView names the classes"
)


def kept_samples(samples: object) -> slice:
    """The slice of the batch that is kept; `samples` is one, or how many of the first.

    Raises:
        ArgumentError: it is no number from 1 on, and no slice that steps forwards.
    """
    if isinstance(samples, slice):
        parts = (samples.start, samples.stop, samples.step)
        whole = all(part is None or isinstance(part, int) for part in parts)
        if whole and (samples.step is None or samples.step >= 1):
            return samples
    else:
        count = whole_number(samples)
        if count is not None and count >= 1:
            return slice(count)
    raise ArgumentError("samples", "a number from 1 on, or a slice with a step from 1 on", samples)


def batch_size(value: object) -> int | None:
    """The length of axis 0 of the first tensor in `value` that has one; None without any."""
    return next((tensor.size(0) for _, tensor in named_tensors(value) if tensor.dim()), None)


def sample_values(role: str, value: object) -> Iterator[tuple[str, torch.Tensor | str]]:
    """What was given as `role` (inputs, targets, predictions) as pairs of a name and a tensor.

    Tensors, NumPy arrays, numbers and lists of numbers, also nested in containers; None and
    empty containers are nothing. Among the inputs also lists of texts, or of lists of words: they
    are bytes of UTF-8, one row a sample, filled up with zeros, under a name that ends in
    ``utf8``. In place of a tensor stands the reason why a value is none.
    """
    return _sample_values(role, value, 0)


def _sample_values(
    name: str, value: object, depth: int
) -> Iterator[tuple[str, torch.Tensor | str]]:
    if value is None or (isinstance(value, (list, tuple, Mapping)) and not value):
        return
    if isinstance(value, torch.Tensor):
        yield name, value
    elif (texts := _texts(value)) is not None:
        if name.partition(".")[0] == "inputs":
            yield joined(name, TEXT), _bytes_of(texts)
        else:
            yield name, _NO_WORDS
    elif isinstance(value, (np.ndarray, np.generic, numbers.Number)) or _holds_numbers(value):
        try:
            yield name, _from_array(np.asarray(value))
        except (ValueError, TypeError, OverflowError, UnrecordableError) as error:
            yield name, str(error)
    elif depth < DEPTH_LIMIT and (items := list(items_of(value))):
        for item_name, item in items:
            yield from _sample_values(joined(name, item_name), item, depth + 1)
    else:
        yield name, f"a {type(value).__name__} is no tensor, array or number"


def _texts(value: object) -> list[str] | None:
    """A list of texts as such, and one of lists of words with spaces between; else None."""
    if not isinstance(value, (list, tuple)) or not value:
        return None
    if all(isinstance(item, str) for item in value):
        return list(value)
    if all(isinstance(item, (list, tuple)) and item for item in value) and all(
        isinstance(word, str) for item in value for word in item
    ):
        return [" ".join(item) for item in value]
    return None


def _bytes_of(texts: list[str]) -> torch.Tensor:
    encoded = [text.encode("utf-8", "replace")[:_MOST_TEXT_BYTES] for text in texts]
    width = max(1, *map(len, encoded))
    rows = b"".join(text.ljust(width, b"\0") for text in encoded)
    return torch.frombuffer(bytearray(rows), dtype=torch.uint8).reshape(len(texts), width)


def _holds_numbers(value: object) -> bool:
    """Whether `value` is a list of numbers, or of such lists: one array rather than many."""
    for _ in range(DEPTH_LIMIT):
        if not isinstance(value, (list, tuple)) or not value:
            return False
        value = value[0]
        if isinstance(value, (numbers.Number, np.generic)):
            return True
    return False


def _from_array(array: npt.NDArray[Any]) -> torch.Tensor:
    """`array` as a tensor. It is copied if PyTorch cannot look at it as it is."""
    if array.dtype.kind not in "biufc":
        raise UnrecordableError(f"an array of {array.dtype} holds no numbers")
    native = array.astype(array.dtype.newbyteorder("="), copy=False)
    usable = native.flags.writeable and all(stride >= 0 for stride in native.strides)
    return torch.from_numpy(native if usable else native.copy())
