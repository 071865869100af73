"""Runs the batch of a step that tripped again, with everything recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from tb_layerview.capture.flight.start import StepStart
from tb_layerview.capture.flight.step import WatchedStep
from tb_layerview.capture.notices import Notices
from tb_layerview.capture.processes import this_process
from tb_layerview.capture.recording import StepRecording
from tb_layerview.capture.running import call, spared_cudnn_generator, uncached_casts

_NOTHING_TO_RUN: Final = (
    "Its batch could not be run again, so only the state of the model is here: give view.step its "
    "inputs, or recording.watch a function again that computes the loss"
)
_GIVE_AGAIN: Final = "give recording.watch a function again that computes the loss"
_NO_LOSS: Final = (
    "Only the forward of its batch was run again: with recording.watch(loss, again=...), a "
    "function that computes the loss, the gradients are recorded, too"
)
_LATE_WEIGHTS: Final = (
    "Its batch was run again with the parameters of a later step: they are too large for a copy "
    "of each step to be kept on the device"
)
_OTHER_DROPOUT: Final = (
    "Its recurrent layers dropped other elements than in the step: the random generator of cuDNN "
    "cannot be set back"
)
_OTHER_NUMBERS: Final = (
    "It drew other random numbers than in the step: the steps before it drew none, so that its "
    "generator was not noted"
)
_SEVERAL_PROCESSES: Final = (
    "Its batch is not run again: the other processes of this training would have to join"
)
_SCRIPTED: Final = "Its batch is not run again: what TorchScript runs cannot be undone"
_WITHOUT_MEMORY: Final = (
    "Its batch is not run again: it tripped within torch.func.functionalize, where tensors have no "
    "memory of their own; give recording.watch what that answers"
)

Record = Callable[[WatchedStep, str], StepRecording]
"""Makes the recording of everything for a step and the reason that it tripped."""


def run_again(
    model: nn.Module, step: WatchedStep, reason: str, record: Record, notices: Notices
) -> None:
    """Record the batch of `step` once more, forward and backward, from where it began.

    Weights, gradients, buffers, random generators and the graph of the training stay as they are.
    What goes wrong is said, and stands in the frame.
    """
    obstacle = _obstacle(model)
    told = f"Step {step.number}: {reason}."
    if obstacle is not None:
        notices.say(f"{told} {obstacle}")
        return
    start = step.start or StepStart(model)
    with (
        torch.inference_mode(mode=False),
        uncached_casts(),
        start.restored(),
        spared_cudnn_generator(model) as draws_anew,
    ):
        recording = record(step, reason)
        problems = recording.captured.problems
        with recording:
            if not _is_runnable(step):
                problems.append(notices.say(f"{told} {_NOTHING_TO_RUN}"))
                return
            if draws_anew:
                problems.append(_OTHER_DROPOUT)
            if any(parameter.is_cuda for parameter in model.parameters()) and not (
                start.parameters_are_noted
            ):
                problems.append(_LATE_WEIGHTS)
            try:
                _run(model, step, recording)
            except Exception as error:  # noqa: BLE001 - the user's code, run at our wish
                failed = f"{told} Running its batch again failed with {error!r}: {_GIVE_AGAIN}"
                problems.append(notices.say(failed))
            else:
                notices.say(f"{told} Its batch was run again, and everything recorded")
            if not start.generators_are_noted and start.drew():
                problems.append(_OTHER_NUMBERS)
            if step.predicted is not None:
                recording.predictions(step.predicted)


def _obstacle(model: nn.Module) -> str | None:
    if this_process().world_size > 1:
        return _SEVERAL_PROCESSES
    if any(isinstance(module, torch.jit.ScriptModule) for module in model.modules()):
        return _SCRIPTED
    return _WITHOUT_MEMORY if _is_functionalized() else None


def _is_functionalized() -> bool:
    """Whether this runs within ``functionalize``, whose tensors say that they lie at 0."""
    try:
        return torch.empty(1).data_ptr() == 0
    except RuntimeError:
        # Other transforms do not tell; with them, a step can be run again.
        return False


def _is_runnable(step: WatchedStep) -> bool:
    return step.again is not None or step.inputs is not None


def _run(model: nn.Module, step: WatchedStep, recording: StepRecording) -> None:
    if step.again is None:
        call(model, step.inputs)
        recording.captured.problems.append(_NO_LOSS)
        return
    loss = step.again()
    if not isinstance(loss, torch.Tensor) or loss.numel() != 1:
        recording.captured.problems.append(
            f"The function again answered {type(loss).__name__}, expected a loss of one element: "
            "no gradients are recorded"
        )
        return
    recording.captured.problems.append(f"Run again, the loss was {float(loss.detach()):.6g}")
    if loss.requires_grad:
        _differentiate(loss, model.parameters(), recording)


def _differentiate(
    loss: torch.Tensor, parameters: Iterable[nn.Parameter], recording: StepRecording
) -> None:
    """Record the gradients, without accumulating them: hooks of the user would update weights."""
    wanted = [each for each in parameters if each.requires_grad and not is_lazy(each)]
    gradients: Sequence[torch.Tensor | None] = torch.autograd.grad(
        loss.reshape(()), wanted, allow_unused=True
    )
    recording.gradients(
        (parameter, gradient)
        for parameter, gradient in zip(wanted, gradients, strict=True)
        if gradient is not None
    )
