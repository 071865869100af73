"""What rules look at: the statistics of a run, in pieces that fit into memory, and elements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tb_layerview.errors import DamagedLogError, GoneError, NotFoundError
from tb_layerview.log.chosen_steps import spread
from tb_layerview.log.columns import STATISTICS
from tb_layerview.log.names import Key, parse_key
from tb_layerview.log.reader import LogReader
from tb_layerview.log.schema import ModuleSpec, TensorSpec
from tb_layerview.log.tensor import TensorSlice

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_PIECE_BYTES: Final = 32_000_000
_MAX_ELEMENTS: Final = 4_194_304
"""Of a tensor larger than this, rules look at no elements."""
_KEPT_PIECES: Final = 8
_NEAR_END: Final = 3
"""Steps at either end that are asked one by one."""
_LOOKS: Final = 24
"""At so many steps of a run, rules look at elements."""


def medians(table: Numbers) -> Numbers:
    """``[rows]``: the median of the numbers of each row; NaN where there are none."""
    found: Numbers = np.full(len(table), np.nan)
    some = ~np.isnan(table).all(axis=1)
    found[some] = np.nanmedian(table[some], axis=1)
    return found


def is_never_masked(spec: TensorSpec) -> bool:
    """Whether -Inf is wrong in it, too; in all else masks of attention are made of it."""
    is_answer = spec.kind == "output" and not spec.module
    return is_answer or spec.kind in ("param", "grad", "output_grad")


class Piece:
    """Statistics of all tensors at some steps."""

    def __init__(
        self, steps: Sequence[int], table: Numbers, names: Sequence[str] = STATISTICS
    ) -> None:
        """``table`` is ``[steps, keys, names]``, NaN where a key was not recorded."""
        self.steps = steps
        self._table = table
        self._names = names

    def __getitem__(self, statistic: str) -> Numbers:
        """``[keys, steps]``."""
        return self._table[:, :, self._names.index(statistic)].T

    def of(self, row: int) -> Numbers:
        """``[statistics, steps]`` of one tensor."""
        return self._table[:, row].T

    @cached_property
    def recorded(self) -> Flags:
        """``[keys, steps]``: where a key was recorded."""
        return ~np.isnan(self["count"])

    @cached_property
    def non_finite(self) -> Numbers:
        """``[keys, steps]``: how many elements are NaN or infinite; 0 where not recorded."""
        return np.nan_to_num(self["nan"] + self["pos_inf"] + self["neg_inf"])


class Evidence:
    """A log as rules see it: what is here is as of when it was made, or refreshed.

    Elements of a file that goes meanwhile raise a `GoneError`: who asks about one step is not to
    get half an answer. Who ``searches`` many steps goes on as if nothing had been kept there.
    """

    def __init__(self, log: LogReader, *, searches: bool = False) -> None:
        self.log: Final = log
        self._searches: Final = searches
        self.generation: Final = log.generation
        self.steps = log.steps
        schema = log.schema()
        self.specs: Final[tuple[TensorSpec, ...]] = schema.tensors
        self.names: Final[list[Key]] = [parse_key(spec.key) for spec in self.specs]
        self.rows: Final[dict[str, int]] = {spec.key: row for row, spec in enumerate(self.specs)}
        self.modules: Final[dict[str, ModuleSpec]] = {
            module.path: module for module in schema.modules
        }
        self.samples: Final = schema.samples
        self.labels: Final = schema.labels
        self._asked: dict[int, Piece] = {}

    def kinds(self, *kinds: str) -> Flags:
        """``[keys]``: which are of one of the kinds."""
        return np.array([spec.kind in kinds for spec in self.specs], bool)

    def matrices(self, kind: str) -> Flags:
        """``[keys]``: which are weights with more than one axis, or their gradients.

        Axes of one element do not count: a class token is a row, which may begin near zero.
        """
        return np.array(
            [
                spec.kind == kind
                and sum(length > 1 for length in spec.shape) > 1
                and "Embedding" not in self.class_of(spec.module)
                for spec in self.specs
            ],
            bool,
        )

    def class_of(self, path: str) -> str:
        """The class of the module at ``path``; empty where the log does not say."""
        module = self.modules.get(path)
        return module.class_name if module else ""

    def called(self, key: str) -> str:
        """A key in a sentence: what the model itself has is called by its class, as in the page."""
        if not key.startswith("/"):
            return key
        if key.startswith("/sample."):
            return f"Samples/{key.removeprefix('/sample.')}"
        return f"{self.class_of('') or 'model'}{key}"

    def is_leaf(self, path: str) -> bool:
        """Whether there is no module in the one at ``path``."""
        return path not in self._parents

    @cached_property
    def _parents(self) -> set[str]:
        return {path.rpartition(".")[0] for path in self.modules if path}

    def refresh(self) -> bool:
        """Take in the steps that were recorded since; False where the log is not what it was."""
        steps, keys = self.log.steps, self.log.keys()
        is_same = (
            steps[: len(self.steps)] == self.steps
            and self.generation == self.log.generation
            and keys == [spec.key for spec in self.specs]
        )
        if is_same:
            self.steps = steps
        return is_same

    def pieces(self, begin: int = 0) -> Iterator[Piece]:
        """The statistics, a few steps at a time, from the step at place ``begin`` on."""
        bytes_of_step = max(1, len(self.specs)) * len(STATISTICS) * 8
        count = max(1, _PIECE_BYTES // bytes_of_step)
        for first in range(begin, len(self.steps), count):
            steps = self.steps[first : first + count]
            yield Piece(steps, self.log.tables(steps, [spec.key for spec in self.specs]))

    def piece_of(self, step: int) -> Piece:
        """The statistics of one step; those of the last few that were asked for are kept."""
        piece = self._asked.get(step)
        if piece is None:
            while len(self._asked) >= _KEPT_PIECES:
                del self._asked[next(iter(self._asked))]
            piece = self._asked[step] = self._read_piece(step)
        return piece

    def _read_piece(self, step: int) -> Piece:
        return Piece([step], self.log.tables([step], [spec.key for spec in self.specs]))

    def elements(self, key: str, step: int) -> npt.NDArray[Any] | None:
        """What was kept of a tensor at a step, if that is all of it and not too much.

        None, too, of one that had another number of axes then: their names are of the last step.

        Raises:
            GoneError: its file was removed since the log was looked at.
        """
        row = self.rows.get(key)
        if row is None or not self.has_elements(row):
            return None
        tensor = self._tensor(key, step)
        if tensor is None or not 0 < tensor.size <= _MAX_ELEMENTS:
            return None
        return self._read(tensor, ...)

    def _tensor(self, key: str, step: int) -> TensorSlice | None:
        try:
            tensor = self.log[key].at(step)
        except NotFoundError:
            return None
        return tensor if tensor.ndim == len(self.specs[self.rows[key]].shape) else None

    def _read(self, tensor: TensorSlice, index: object) -> npt.NDArray[Any] | None:
        try:
            found: npt.NDArray[Any] = tensor[index]
        except GoneError:
            if not self._searches:
                raise
            return None
        except NotFoundError:
            return None
        except DamagedLogError as error:
            self.log.tell(error)
            return None
        return found

    def sample(self, key: str, step: int, axis: int, place: int) -> npt.NDArray[Any] | None:
        """One sample of a tensor that is too large to be read whole; None if that is, too."""
        tensor = self._tensor(key, step)
        if tensor is None or place >= tensor.shape[axis]:
            return None
        if tensor.size // tensor.shape[axis] > _MAX_ELEMENTS:
            return None
        found = self._read(tensor, tuple([slice(None)] * axis + [place]))
        return found if found is not None and found.dtype.kind in "fiub" else None

    def has_elements(self, row: int) -> bool:
        """Whether the elements of a tensor can be looked at."""
        spec = self.specs[row]
        return spec.stored == "exact" and 0 < int(np.prod(spec.shape)) <= _MAX_ELEMENTS

    def ends(self, key: str) -> tuple[int, int]:
        """The first and the last step at which a tensor was recorded."""
        row = self.rows[key]
        found = []
        for steps in (self.steps[:_NEAR_END], self.steps[: -_NEAR_END - 1 : -1]):
            near = next((s for s in steps if self.piece_of(s).recorded[row, 0]), None)
            if near is None:
                # Recorded now and then: all steps must be asked, which takes its time.
                every = self.log[key].steps
                return every[0], every[-1]
            found.append(near)
        return found[0], found[1]

    def looks(self) -> list[int]:
        """The steps at which elements are looked at: spread evenly, the first and last included."""
        return spread(self.log.whole_steps, _LOOKS)
