"""Which module makes the first number that is not finite, by plain hooks on every module."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator

import torch
from torch import Tensor, nn
from torch.utils import _pytree as pytree
from torch.utils.hooks import RemovableHandle

from tests.faults.training import Training


def maker_of(training: Training, step: int) -> str | None:
    """Train up to ``step``, watch that one; the path of the module that is to blame.

    The first that returns a kind of number (NaN, +Inf, -Inf) that neither what it was given nor its
    parameters hold, or that gives it to a module in it; if the forward is finite, the first that
    does so backwards. What masks are made of, -Inf alone, may be given on. The empty path stands
    for the model itself, and for the data.
    """
    with warnings.catch_warnings():
        # Of the hooks of backward, on modules whose inputs require no gradient.
        warnings.simplefilter("ignore", UserWarning)
        return _maker_of(training, step)


def _maker_of(training: Training, step: int) -> str | None:
    model = training.model
    optimizer = training.optimizer(model.parameters(), lr=training.rate)  # type: ignore[call-arg]
    training.optimizers = [optimizer]
    blamed: list[str] = []
    for number in range(step + 1):
        training.before(number, training)
        inputs, targets = training.batch(number)
        hooks = list(_watch(model, blamed)) if number == step else []
        if hooks and _kinds([inputs]):
            blamed.append("")
        optimizer.zero_grad()
        on = training.autocast is not None
        with torch.autocast("cpu", training.autocast or torch.bfloat16, enabled=on):
            output = model(inputs)
        torch.autograd.backward(training.loss(output, inputs, targets))
        optimizer.step()
        for hook in hooks:
            hook.remove()
    return blamed[0] if blamed else None


def _watch(model: nn.Module, blamed: list[str]) -> Iterator[RemovableHandle]:
    calls: list[str] = []
    for path, module in model.named_modules():
        yield module.register_forward_pre_hook(_called(path, calls, blamed), with_kwargs=True)
        yield module.register_forward_hook(_returned(calls, blamed), with_kwargs=True)
        yield module.register_full_backward_hook(_backward(path, blamed))


def _called(path: str, calls: list[str], blamed: list[str]) -> Callable[..., None]:
    def hook(_module: nn.Module, args: object, kwargs: object) -> None:
        if calls and _kinds([args, kwargs]) - {"-Inf"}:
            blamed.append(calls[-1])
        calls.append(path)

    return hook


def _returned(calls: list[str], blamed: list[str]) -> Callable[..., None]:
    def hook(module: nn.Module, args: object, kwargs: object, output: object) -> None:
        path = calls.pop()
        if _kinds([output]) - _kinds([args, kwargs, list(module.parameters())]):
            blamed.append(path)

    return hook


def _backward(path: str, blamed: list[str]) -> Callable[..., None]:
    def hook(_module: nn.Module, passed_on: object, received: object) -> None:
        if _kinds([passed_on]) - _kinds([received]):
            blamed.append(path)

    return hook


def _kinds(values: Iterable[object]) -> set[str]:
    """What is not finite in the tensors among some values, nested as they may be."""
    tests = {"NaN": torch.isnan, "+Inf": torch.isposinf, "-Inf": torch.isneginf}
    tensors = [leaf for value in values for leaf in pytree.tree_leaves(value)]
    return {
        name
        for tensor in tensors
        if isinstance(tensor, Tensor) and tensor.is_floating_point()
        for name, test in tests.items()
        if bool(test(tensor.detach()).any())
    }
