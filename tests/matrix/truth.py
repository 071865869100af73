"""What was recorded, as PyTorch and NumPy saw it; kept beside the log as one `.npz`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt

RUN: Final = "trained"
STEPS: Final = (0, 5, 10)
SPOILED: Final = STEPS[-1]
"""The step that begins with a NaN in `SPOILED_KEY`."""
SPOILED_KEY: Final = "conv2.0/param.weight"
BATCH: Final = 8
SAMPLES: Final = 4
"""Items of the batch of which the elements are kept."""

Truth = dict[int, dict[str, npt.NDArray[Any]]]
"""By step and key, the elements that were kept."""


def save(truth: Truth, file: Path) -> None:
    """Keep ``truth`` in ``file``."""
    arrays = {
        f"{step}:{key}": array for step, found in truth.items() for key, array in found.items()
    }
    np.savez(file, **cast("dict[str, Any]", arrays))


def load(file: Path) -> Truth:
    """What was kept in ``file``."""
    truth: Truth = {step: {} for step in STEPS}
    with np.load(file) as arrays:
        for name in arrays.files:
            step, _, key = name.partition(":")
            truth[int(step)][key] = arrays[name]
    return truth
