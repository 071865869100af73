"""`LayerView`: records what is inside the layers of a model while it trains."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Final, Literal, SupportsIndex

from torch import nn

from tb_layerview.capture.arguments import byte_limit, element_limit, keep_limit, whole_number
from tb_layerview.capture.assemble import Assembler
from tb_layerview.capture.flight.trips import trip_limit, trip_wire
from tb_layerview.capture.notices import Notices
from tb_layerview.capture.output import RunOutput
from tb_layerview.capture.plan import DEFAULT_KINDS, Planner, checked_kinds
from tb_layerview.capture.probe import checked_labels, checked_probe
from tb_layerview.capture.probing import Settings, start_probe
from tb_layerview.capture.processes import this_process
from tb_layerview.capture.recorder import Recorder
from tb_layerview.capture.recording import Recording
from tb_layerview.capture.reduction import Reducer
from tb_layerview.capture.retention import Retention
from tb_layerview.capture.samples import kept_samples
from tb_layerview.capture.schedule import Every, due_steps, is_step, step_number
from tb_layerview.capture.select import Layers
from tb_layerview.capture.staging import Staging
from tb_layerview.capture.wrappers import unwrapped
from tb_layerview.errors import ArgumentError, ClosedError

QUEUE_BYTES: Final = 512 * 1024 * 1024
"""Default bound of the memory for what is not written yet."""

MAX_ELEMENTS: Final = 4_194_304
"""Default of the elements of a tensor that are kept one by one: a picture of 2048 x 2048."""

WhenFull = Literal["skip", "wait"]


class LayerView:
    """Records what is inside of the layers of a model, step by step.

    ::

        view = LayerView(model, SummaryWriter("runs/exp1"), every=100)
        for step, (images, labels) in enumerate(loader):
            with view.step(step, inputs=images, targets=labels) as recording:
                logits = model(images)
                recording.predictions(logits)
                ...
        view.close()

    Once made, it does not end a training: what cannot be recorded is said once as a
    `LayerViewWarning`, and stands in the log. Only a misuse of `step` itself raises.
    """

    def __init__(
        self,
        model: nn.Module,
        writer: object,
        *,
        layers: Layers = None,
        kinds: Sequence[str] = DEFAULT_KINDS,
        every: Every = 1,
        samples: int | slice = 4,
        max_elements: int | None = MAX_ELEMENTS,
        max_megabytes_per_step: float | None = None,
        keep_gigabytes: float | None = None,
        queue_bytes: int = QUEUE_BYTES,
        when_full: WhenFull = "skip",
        on_nonfinite: Literal["record"] | None = None,
        on_spike: Literal["record"] | float | None = None,
        max_trips: int = 3,
        labels: Sequence[str] | None = None,
    ) -> None:
        """Begin a log in the run's directory. The model is not touched before a step is recorded.

        Args:
            model: the model that is trained.
            writer: a ``SummaryWriter`` of PyTorch or tensorboardX, whose run is recorded into, or
                the directory of a run.
            layers: a module of the model, ``"conv2[0]"``, ``"conv2.0"``, ``"encoder.*.attn"``, a
                class such as ``nn.Conv2d``, or a list of these; None for all. What is inside of a
                chosen module is chosen, too.
            kinds: those to record of ``"param"``, ``"buffer"``, ``"grad"`` (of parameters),
                ``"input"``, ``"output"``, ``"output_grad"`` and ``"tap"`` (see `tb_layerview.tap`).
            every: record the steps that this number divides, or those for which this function of
                the step answers true.
            samples: of how many items of the batch the elements are kept, or a slice of the
                batch. The statistics always cover the whole batch.
            max_elements: a tensor of which more elements than this would be kept is kept as a
                pyramid of them: mean, extremes and flags of blocks, with exact statistics. None
                keeps every tensor whole.
            max_megabytes_per_step: what a step may take on disk, in 10**6 bytes; None for any.
                While it would take more, tensors are kept as pyramids, the largest first, and if
                that is not enough by their statistics alone.
            keep_gigabytes: what the log of the run may take on disk, in 10**9 bytes; None for any.
                When it is full, older steps are dropped, the more of them the older they are. The
                first step, the last, and those that the flight recorder marked are kept; and of
                those that are dropped the statistics, as long as an eighth of the room holds them.
            queue_bytes: host memory for what is recorded and not written yet. Of a step that needs
                more, some tensors are measured by the training thread.
            when_full: what happens to a step for which that memory has no room: ``"skip"`` leaves
                it out and counts it, ``"wait"`` makes the training wait for the disk.
            on_nonfinite: ``"record"`` watches the steps that are not due, too: what is given to
                ``recording.watch`` and the gradients that an optimizer applies. A step in which
                one is not finite is run again with everything recorded (see `Recording.watch`).
            on_spike: likewise for what is given to ``recording.watch`` and is this many spreads
                above the median of its last 100 values; ``"record"`` means 10.
            max_trips: so many steps that go wrong are recorded; then the watch rests.
            labels: names of the classes that the model tells apart, by their index.

        Raises:
            ArgumentError: an argument is none of those named above, the model has nothing to
                record, the directory cannot be written, or another `LayerView` of this process
                that is still open records into it.
            LayerNotFoundError: `layers` names what is not in the model.
            ClosedError: the ``SummaryWriter`` is closed.
        """
        _check_model(model)
        due = due_steps(every)
        keep = kept_samples(samples)
        limit = element_limit(max_elements)
        nbytes = byte_limit(max_megabytes_per_step)
        keep_bytes = keep_limit(keep_gigabytes)
        if when_full not in ("skip", "wait"):
            raise ArgumentError("when_full", "'skip' or 'wait'", when_full)
        capacity = whole_number(queue_bytes)
        if capacity is None or capacity < 1:
            raise ArgumentError("queue_bytes", "a number of bytes from 1 on", queue_bytes)
        wire, most = trip_wire(on_nonfinite, on_spike), trip_limit(max_trips)
        planner = Planner(model, layers, checked_kinds(kinds))
        names = checked_labels(labels)
        notices, staging, waits = Notices(), Staging(capacity), when_full == "wait"
        assembler = Assembler(keep, Retention(limit, nbytes), notices, this_process(), labels=names)
        output = RunOutput(
            writer,
            type(unwrapped(model)).__name__,
            assembler,
            notices,
            this_process(),
            keep_bytes=keep_bytes,
        )
        self._recorder = Recorder(
            planner, due, staging, output.worker, notices, waits=waits, reducer=Reducer(limit, keep)
        )
        self._outputs = [output]
        self._settings = Settings(
            model, layers, limit, nbytes, keep_bytes, names, staging, notices, waits
        )
        unwatch = self._recorder.watch(model, wire, most) if wire is not None else None
        self._closed = False
        # Also runs when the interpreter ends, while the worker can still finish its work.
        self._closing = weakref.finalize(self, _close, self._outputs, unwatch)

    def step(
        self, step: SupportsIndex, *, inputs: object = None, targets: object = None
    ) -> Recording:
        """The ``with`` block around one step of the training; recorded if it is due.

        A step that is not larger than the last recorded one is taken as a restart: the frames
        from there on are replaced.

        Args:
            step: the number of the step.
            inputs: what the model is given, to be kept per sample: tensors, arrays or numbers,
                also nested. Its first tensor tells the size of the batch; without it, the first
                tensor that the model's forward is called with does.
            targets: what the model should answer, likewise.

        Raises:
            ArgumentError: `step` is no whole number of 64 bits, or a step is being recorded
                already.
            ClosedError: the view is closed.
        """
        number = step if type(step) is int and is_step(step) else step_number(step)
        if self._closed:
            raise ClosedError("the LayerView")
        return self._recorder.step(number, inputs, targets)

    def probe(
        self, inputs: object, targets: object = None, ids: Sequence[str | int] | None = None
    ) -> None:
        """Run these samples at every recorded step, too, so that they can be followed over them.

        They are run in evaluation mode and without gradients, with the weights with which the step
        begins, and recorded whole into a run of their own beside this one: ``exp1/probe``. The
        training is afterwards as it was: modes, buffers, random generators.

        Args:
            inputs: a tensor; a tuple or list, whose items are the positional arguments of the
                model; or a mapping, whose items are the keyword arguments. The first axis of each
                tensor counts the samples.
            targets: what the model should answer to each.
            ids: what each is called, all different.

        Raises:
            ArgumentError: the model raises with these inputs, the others do not fit them, or there
                is a probe already.
            ClosedError: the view is closed.
        """
        if self._closed:
            raise ClosedError("the LayerView")
        if self._recorder.probe is not None:
            raise ArgumentError("probe", "one call for each LayerView", "another one")
        samples = checked_probe(self._settings.model, inputs, targets, ids)
        self._recorder.probe, output = start_probe(self._settings, samples, self._outputs[0])
        if output is not None:
            self._outputs.append(output)

    def flush(self) -> None:
        """Return when everything recorded so far can be read by others.

        A wait of more than two seconds shows on standard error how far it is.
        """
        self._recorder.settle()
        for output in self._outputs:
            output.worker.flush()

    def close(self) -> None:
        """Flush as `flush` does, and end the recording. A second call does nothing."""
        if not self._closed:
            self._recorder.settle()
        self._closed = True
        self._closing()

    def report(self) -> str:
        """What is recorded, at which cost, and what was reduced or left out; as lines of text.

        Its beginning is also logged at level INFO when the first step was written, by the logger
        ``tb_layerview``.
        """
        return self._recorder.report()

    def __enter__(self) -> LayerView:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _check_model(model: nn.Module) -> None:
    if not isinstance(model, nn.Module):
        raise ArgumentError("model", "a torch.nn.Module", model)
    parts = (model.children(), model.parameters(), model.buffers())
    if not any(True for part in parts for _ in part):
        raise ArgumentError("model", "a module with layers, parameters or buffers", model)


def _close(outputs: Sequence[RunOutput], unwatch: Callable[[], None] | None) -> None:
    if unwatch is not None:
        unwatch()
    for output in outputs:
        output.close()
