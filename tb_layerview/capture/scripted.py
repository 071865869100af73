"""Modules of TorchScript, which calls no hooks of what is inside of it."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn
from torch.jit._trace import TopLevelTracedModule

from tb_layerview.capture.structure import Place


def hides_calls(module: nn.Module) -> bool:
    """Whether no hook of `module` fires, because TorchScript runs its forward.

    That of a traced model fires, those of the modules in it do not; a scripted one refuses any.
    """
    is_top_of_trace = isinstance(module, TopLevelTracedModule)
    return isinstance(module, torch.jit.ScriptModule) and not is_top_of_trace


def hidden_sentence(places: Iterable[Place]) -> str | None:
    """What is said of those of `places` that hide their calls; None if there are none."""
    hidden = {place.path for place in places if hides_calls(place.module)}
    outermost = [path for path in hidden if path.rpartition(".")[0] not in hidden - {path}]
    if not outermost:
        return None
    names = ", ".join(path or "the model" for path in sorted(outermost))
    return (
        f"Nothing of what {names} computes is recorded: it was scripted or traced, and PyTorch "
        "calls no hooks of such modules. Their parameters and buffers are recorded"
    )
