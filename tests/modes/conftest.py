from __future__ import annotations

from tests.fixtures.runs import run, same_numbers_each_time

__all__ = ["run", "same_numbers_each_time"]
