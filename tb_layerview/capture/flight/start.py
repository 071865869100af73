"""The state of a model when a step began, so that the step can be run again as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from operator import attrgetter
from typing import Final, NamedTuple

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from tb_layerview.capture.running import (
    cuda_devices,
    same_cuda_generator,
    same_generators,
)

NOTED_BYTES: Final = 1 << 22
"""A buffer up to this size is noted at every step: those that a forward writes to, such as the
statistics of batch norm, are small. Larger ones are tables and masks."""

NOTED_PARAMETER_BYTES: Final = 1 << 30
"""Of all parameters, on a GPU, for each of the steps whose values have not arrived yet."""

_REFRESH: Final = 256
"""Steps after which the tensors of the model are listed anew."""


_look: Final = attrgetter("shape", "dtype", "device")


class _Slot(NamedTuple):
    """A buffer or parameter of a module, which has it as its ``own[name]``."""

    module: nn.Module
    own: dict[str, torch.Tensor | None]
    name: str
    tensor: torch.Tensor


class StepStart:
    """What a forward depends on beside its inputs, as it was at the last `note`.

    ``parameters_are_noted`` says whether the parameters are among it. On the host they need not
    be: what trips the recorder is seen there before the optimizer changes them.
    ``generators_are_noted`` says so of the random generators.
    """

    def __init__(self, model: nn.Module, *, with_parameters: bool | None = None) -> None:
        """Of `model`; whether the parameters are noted depends on where they are, if not given."""
        self._model = model
        self._with_parameters = with_parameters
        self.parameters_are_noted = False
        self.generators_are_noted = False
        self._age = 0
        self._slots: list[_Slot] = []
        self._copies: list[torch.Tensor] = []
        self._devices: list[int] = []
        self._generators: list[torch.Tensor] = []

    def note(self, *, draws: bool = True) -> None:
        """Take everything as it is now; without the generators if nothing is likely to draw."""
        if self._age % _REFRESH == 0:
            self._list()
        self._age += 1
        self.generators_are_noted = draws or bool(self._devices)
        if self.generators_are_noted:
            self._generators = [torch.default_generator.get_state()]
            self._generators += map(torch.cuda.get_rng_state, self._devices)
        if self._copies and not self._copy():
            self._list()
            self._copy()

    def drew(self) -> bool:
        """Whether the generator of the host is another since it was noted, or else restored."""
        return not torch.equal(torch.default_generator.get_state(), self._generators[0])

    @contextmanager
    def restored(self) -> Iterator[None]:
        """Within, the model is as it was noted, and what is done to it is undone afterwards.

        Its parameters are its own if they were not noted, without gradients; a tensor that a
        module keeps outside of its buffers and is written to in place stays written to.
        """
        model = self._model
        with same_generators(model), ExitStack() as stack, torch.no_grad():
            for module in model.modules():
                stack.callback(_set_back, module, dict(vars(module)))
            for parameter in model.parameters():
                stack.callback(setattr, parameter, "grad", parameter.grad)
                parameter.grad = None
            if not self.generators_are_noted:
                self._generators = [torch.default_generator.get_state()]
            torch.set_rng_state(self._generators[0])
            for device, state in zip(self._devices, self._generators[1:], strict=True):
                stack.enter_context(same_cuda_generator(device, state))
            noted = {
                id(slot.tensor): copy for slot, copy in zip(self._slots, self._copies, strict=True)
            }
            self._stand_in(noted, stack)
            with torch.enable_grad():
                yield

    def _copy(self) -> bool:
        """Take what is listed; False where a module has something else in its place by now."""
        with torch.no_grad():
            for position, (copy, slot) in enumerate(zip(self._copies, self._slots, strict=True)):
                tensor = slot.own.get(slot.name)
                if tensor is not slot.tensor:
                    # Not all is listed anew for a module that assigns a buffer in every step.
                    if tensor is None or _look(tensor) != _look(slot.tensor):
                        return False
                    self._slots[position] = slot._replace(tensor=tensor)
                copy.copy_(tensor)
        return True

    def _list(self) -> None:
        self._devices = cuda_devices(self._model)
        buffers = [
            slot
            for slot in _slots(self._model, "_buffers")
            if slot.tensor.nbytes <= NOTED_BYTES and not is_lazy(slot.tensor)
        ]
        wanted = bool(self._devices) if self._with_parameters is None else self._with_parameters
        parameters = list(_slots(self._model, "_parameters")) if wanted else []
        fits = sum(slot.tensor.nbytes for slot in parameters) <= NOTED_PARAMETER_BYTES
        self.parameters_are_noted = bool(parameters) and fits
        self._slots = [*buffers, *(parameters if fits else [])]
        with torch.no_grad():
            self._copies = [torch.empty_like(slot.tensor) for slot in self._slots]

    def _stand_in(self, noted: dict[int, torch.Tensor], stack: ExitStack) -> None:
        """Put a tensor of our own in the place of each buffer, and of each noted parameter."""
        copies: dict[int, torch.Tensor] = {}
        both = zip(self._slots, self._copies, strict=True)
        noted_at = {(id(slot.own), slot.name): copy for slot, copy in both}
        for slot in _slots(self._model, "_buffers", every_place=True):
            # The forward may have assigned another one since, or there are more places of this one.
            source = noted_at.get((id(slot.own), slot.name))
            if source is None:
                source = noted.get(id(slot.tensor), slot.tensor)
            key = id(source)
            if key not in copies:
                copies[key] = source.detach().clone()
            # Assigning would run code of the user.
            stack.callback(slot.own.__setitem__, slot.name, slot.tensor)
            slot.own[slot.name] = copies[key]
        if not self.parameters_are_noted:
            return
        for slot in _slots(self._model, "_parameters", every_place=True):
            key = id(slot.tensor)
            if key not in noted:
                continue
            if key not in copies:
                copies[key] = nn.Parameter(noted[key].clone(), slot.tensor.requires_grad)
            # By assignment: recurrent layers keep a list of their own.
            stack.callback(setattr, slot.module, slot.name, slot.tensor)
            setattr(slot.module, slot.name, copies[key])


def _slots(model: nn.Module, members: str, *, every_place: bool = False) -> Iterator[_Slot]:
    """The buffers or parameters of all modules; each tensor once, or at every place of it."""
    seen: set[int] = set()
    for module in model.modules():
        if isinstance(module, torch.jit.ScriptModule):
            continue
        own = vars(module)[members]
        for name, tensor in own.items():
            if tensor is not None and (every_place or id(tensor) not in seen):
                seen.add(id(tensor))
                yield _Slot(module, own, name, tensor)


def _set_back(module: nn.Module, attributes: dict[str, object]) -> None:
    """Give `module` the attributes that it had: a forward may count its calls, say."""
    current = vars(module)
    for name in current.keys() - attributes.keys():
        del current[name]
    current.update(attributes)
