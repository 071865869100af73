"""The faults: each a training with one, and what the findings must say of it."""

from __future__ import annotations

from typing import Final

from tests.faults.planted_learning import OF_LEARNING
from tests.faults.planted_numbers import OF_NUMBERS

FAULTS: Final = (*OF_NUMBERS, *OF_LEARNING)
