"""The errors of the package: one tree, each with its fields, each saying what was expected."""

from __future__ import annotations

from collections.abc import Sequence


class LayerViewError(Exception):
    """Base of every error that the package raises on purpose."""


class ArgumentError(LayerViewError, ValueError):
    """An argument that cannot be used. Fields: ``argument``, ``expected``, ``received``."""

    def __init__(self, argument: str, expected: str, received: object) -> None:
        super().__init__(f"{argument}: expected {expected}, received {received!r}")
        self.argument = argument
        self.expected = expected
        self.received = received


class LayerNotFoundError(ArgumentError):
    """A layer selection that matches no module. Fields: those above, and ``nearest`` paths."""

    def __init__(self, received: object, nearest: Sequence[str]) -> None:
        super().__init__(
            "layers",
            "a module of the model; the nearest names are " + ", ".join(map(repr, nearest)),
            received,
        )
        self.nearest = tuple(nearest)


class ClosedError(LayerViewError, RuntimeError):
    """Something was used after it was closed. Field: ``what``."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is closed: create a new one to go on")
        self.what = what


class NotFoundError(LayerViewError, LookupError):
    """A run, key or step that was not recorded. Fields: ``what``, ``expected``, ``received``."""

    def __init__(self, what: str, expected: str, received: object) -> None:
        super().__init__(f"{what}: expected {expected}, received {received!r}")
        self.what = what
        self.expected = expected
        self.received = received


class GoneError(NotFoundError):
    """A file of a log that was removed since it was looked at. Fields as `NotFoundError`.

    A recording does so to keep to its bound on the disk. A log that is refreshed knows what is
    left.
    """


class TooLargeError(LayerViewError, ValueError):
    """An answer larger than may be sent. Fields: ``what``, ``limit``, ``received``."""

    def __init__(self, what: str, limit: int, received: int) -> None:
        super().__init__(f"{what}: expected at most {limit:,}, received {received:,}")
        self.what = what
        self.limit = limit
        self.received = received


class DamagedLogError(LayerViewError):
    """Bytes of a log that are not what was written. Fields: ``file``, ``offset``, ``reason``."""

    def __init__(self, file: str, offset: int, reason: str) -> None:
        super().__init__(f"{file}: damaged at byte {offset}: {reason}")
        self.file = file
        self.offset = offset
        self.reason = reason


class SliceError(ArgumentError, IndexError):
    """An index that is no NumPy basic slice, or does not fit the shape of the tensor."""


class LayerViewWarning(UserWarning):
    """Something that could not be recorded while a training goes on, said once."""
