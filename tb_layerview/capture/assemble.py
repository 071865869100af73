"""From what was captured to a frame of the log; runs on the worker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tb_layerview.capture.axes import axes_of
from tb_layerview.capture.captured import Captured, CapturedStep
from tb_layerview.capture.device_updates import rms_of
from tb_layerview.capture.notices import Notices
from tb_layerview.capture.processes import SINGLE_PROCESS, Process
from tb_layerview.capture.retention import Retention
from tb_layerview.capture.rows import Named, Reduction, TensorTable
from tb_layerview.capture.structure import ExecutionOrder, FirstOrder, Structure
from tb_layerview.capture.tokens import Tokens
from tb_layerview.log.bounds import MAX_AXES
from tb_layerview.log.frame import Frame
from tb_layerview.log.names import KINDS, Key
from tb_layerview.log.schema import ModuleSpec, Schema, TensorSpec

_OF_A_FORWARD: Final = frozenset({"input", "output", "tap"})
"""Kinds of which is known when they came: those captured while the forward runs."""

_KIND_RANK: Final = {kind: rank for rank, kind in enumerate(KINDS)}

_TOO_LARGE: Final = (
    "A step is larger than max_megabytes_per_step allows, though only statistics are kept of it: "
    "allow more, or choose fewer layers"
)

_SPECS_REMEMBERED: Final = 100_000
"""Specs of tensors that are kept for the next step, so that ever new shapes do not pile up."""


class Assembler:
    """Makes frames whose schema changes only when the model or a shape does.

    ``reductions`` are those of the last frame.
    """

    def __init__(
        self,
        keep: slice,
        retention: Retention,
        notices: Notices,
        process: Process = SINGLE_PROCESS,
        *,
        labels: Sequence[str] = (),
        sample_ids: Sequence[str] = (),
    ) -> None:
        """Keep the samples `keep` of each batch; ``sample_ids`` name those of every batch."""
        self.reductions: list[Reduction] = []
        self._keep = keep
        self._retention = retention
        self._notices = notices
        self._process = process
        self._labels = tuple(labels)
        self._sample_ids = tuple(sample_ids)
        self._order = ExecutionOrder()
        self._tensor_order = FirstOrder()
        self._turns: dict[str, int] = {}
        self._structure: Structure | None = None
        self._modules: tuple[ModuleSpec, ...] = ()
        self._rank: dict[str, int] = {}
        self._specs: dict[tuple[object, ...], TensorSpec] = {}

    def frame(self, step: CapturedStep, problems: list[str]) -> Frame:
        """Measure every tensor of `step` whole, and select of each what is kept.

        The elements are those of the staged copies: they are gone once the step's memory is
        given back.
        """
        self._learn(step)
        tensors = sorted(
            step.tensors,
            key=lambda item: (self._rank[item.place.path], _KIND_RANK[item.kind]),
        )
        named: dict[str, Captured] = {}
        for item in tensors:
            key = key_of(item)
            if key in named:
                problems.append(f"{key} is the name of two tensors: the second is left out")
                continue
            axes = item.staged.elements.ndim
            if axes > MAX_AXES:
                sentence = f"{key} is not recorded: it has {axes} axes, and a log takes {MAX_AXES}"
                problems.append(self._notices.say(sentence, "axes"))
                continue
            named[key] = item
        update_rms = {**step.update_rms, **rms_of(step.update_sums)}
        self._learn_turns(step)
        table = TensorTable(self._keep, [Named(*pair) for pair in named.items()], update_rms)
        chosen, excess_bytes = self._retention.choose(table.candidates())
        if excess_bytes:
            problems.append(self._notices.say(_TOO_LARGE))
        stored = table.spread(chosen)
        tokens = Tokens(named.values(), table.shape)
        specs = [
            self._spec(key, item, table.shape(item), kept, are_tokens=item in tokens)
            for (key, item), kept in zip(named.items(), stored, strict=True)
        ]
        rows = table.rows(stored)
        self.reductions = table.reductions(rows, stored)
        return Frame(
            step=step.step,
            wall_time=step.wall_time,
            schema=Schema(
                self._modules,
                tuple(specs),
                self._samples(step.batch),
                *self._process,
                sample_ids=self._sample_ids,
                labels=self._labels,
            ),
            tensors=rows,
            skipped=step.skipped,
            problems=tuple(dict.fromkeys([*step.problems, *problems])),
            mark=step.mark,
        )

    def _learn(self, step: CapturedStep) -> None:
        learned = self._order.observe(step.fired)
        if step.structure is not self._structure:
            self._structure = step.structure
            self._specs.clear()
            self._retention.forget()
        elif not learned:
            return
        self._modules = self._order.specs(step.structure)
        self._rank = {module.path: module.order for module in self._modules}

    def _learn_turns(self, step: CapturedStep) -> None:
        captured = [key_of(item) for item in step.tensors if item.kind in _OF_A_FORWARD]
        if self._tensor_order.observe(captured):
            self._turns = self._tensor_order.places()

    def _samples(self, batch: int | None) -> tuple[int, ...]:
        return () if batch is None else tuple(range(batch)[self._keep])

    def _spec(
        self, key: str, item: Captured, shape: tuple[int, ...], stored: str, *, are_tokens: bool
    ) -> TensorSpec:
        dtype = item.staged.dtype.name
        turn = self._turns.get(key)
        axis = item.sample_axis
        identity = (key, shape, dtype, axis, stored, item.shard, turn, are_tokens)
        spec = self._specs.get(identity)
        if spec is None:
            if len(self._specs) >= _SPECS_REMEMBERED:
                self._specs.clear()
            spec = self._specs[identity] = TensorSpec(
                key=key,
                module=item.place.path,
                kind=item.kind,
                shape=shape,
                dtype=dtype,
                axes=axes_of(
                    item.place.module, item.kind, item.name, len(shape), axis, are_tokens=are_tokens
                ),
                stored=stored,
                global_shape=item.shard.global_shape if item.shard is not None else None,
                offset=item.shard.offset if item.shard is not None else None,
                turn=turn,
            )
        return spec


def key_of(item: Captured) -> str:
    """The key of a captured tensor. A path or name may hold what a key uses as a separator."""
    return str(Key(_quoted(item.place.path), item.kind, _quoted(item.name), item.call))


def _quoted(text: str) -> str:
    return text.replace("%", "%25").replace("/", "%2F").replace("#", "%23") if text else text
