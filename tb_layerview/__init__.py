"""See what is inside every layer of a PyTorch model, in TensorBoard.

Record a training, then look at it with ``tensorboard --logdir runs``, tab LAYERVIEW::

    view = tb_layerview.LayerView(model, "runs/exp1", every=100)
    for step, (images, labels) in enumerate(loader):
        with view.step(step, inputs=images, targets=labels) as recording:
            ...
    view.close()

Or in NumPy, on a machine without PyTorch, too::

    log = tb_layerview.open("runs/exp1")
    log.keys(), log.steps, log.findings()
    log["conv2.0/output"].at(300)[0, 3]

``snapshot`` records a single forward, ``tap`` names what is recorded in the middle of one. Each
name is imported when it is first used. Every error is a ``LayerViewError``.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Final

from tb_layerview.errors import (
    ArgumentError,
    ClosedError,
    DamagedLogError,
    GoneError,
    LayerNotFoundError,
    LayerViewError,
    LayerViewWarning,
    NotFoundError,
    SliceError,
    TooLargeError,
)

if TYPE_CHECKING:
    from tb_layerview.capture.layer_view import LayerView
    from tb_layerview.capture.snapshot import snapshot
    from tb_layerview.capture.taps import tap
    from tb_layerview.diagnosis.finding import Finding
    from tb_layerview.diagnosis.log import open_log as open
    from tb_layerview.diagnosis.origin import Origin

__version__: Final = "0.1.0"

__all__ = [
    "ArgumentError",
    "ClosedError",
    "DamagedLogError",
    "Finding",
    "GoneError",
    "LayerNotFoundError",
    "LayerView",
    "LayerViewError",
    "LayerViewWarning",
    "NotFoundError",
    "Origin",
    "SliceError",
    "TooLargeError",
    "__version__",
    "open",
    "snapshot",
    "tap",
]

_LAZY: Final = {
    "LayerView": ("tb_layerview.capture.layer_view", "LayerView"),
    "snapshot": ("tb_layerview.capture.snapshot", "snapshot"),
    "tap": ("tb_layerview.capture.taps", "tap"),
    "open": ("tb_layerview.diagnosis.log", "open_log"),
    "Finding": ("tb_layerview.diagnosis.finding", "Finding"),
    "Origin": ("tb_layerview.diagnosis.origin", "Origin"),
}


def __getattr__(name: str) -> object:
    """The lazy half of ``__all__``; what was resolved once is an ordinary name from then on."""
    try:
        module, attribute = _LAZY[name]
    except KeyError:
        # With these, Python itself names what was probably meant.
        raise AttributeError(
            f"module {__name__!r} has no attribute {name!r}", name=name, obj=sys.modules[__name__]
        ) from None
    value: object = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
