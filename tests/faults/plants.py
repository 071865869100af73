"""What faults are planted with: layers that are wrong, and changes of a model, a batch, a rate."""

from __future__ import annotations

import functools
from collections.abc import Callable

import torch
from torch import Tensor, nn

from demo.digits import Digits, bundled_digits
from demo.train import negative_log_likelihood
from tests.faults import models
from tests.faults.layers import LostInput
from tests.faults.training import PLANTED, Batch, Training, cross_entropy


def at_planted(change: Callable[[nn.Module], None]) -> Callable[[int, Training], None]:
    """Change the model right before step `PLANTED`."""

    def before(step: int, training: Training) -> None:
        if step == PLANTED:
            with torch.no_grad():
                change(training.model)

    return before


def scaled(model: nn.Module, parameter: str, factor: float) -> nn.Module:
    """`model` with one parameter multiplied."""
    with torch.no_grad():
        model.get_parameter(parameter).mul_(factor)
    return model


def spoilt(
    batch: Callable[[int], Batch], spoil: Callable[[Tensor], None]
) -> Callable[[int], Batch]:
    """The batches of `batch`, that of step `PLANTED` spoilt."""

    def spoiling(step: int) -> Batch:
        inputs, targets = batch(step)
        if step == PLANTED:
            spoil(inputs)
        return inputs, targets

    return spoiling


def half(batch: Callable[[int], Batch], factor: float = 1.0) -> Callable[[int], Batch]:
    """The batches of `batch` in float16."""

    def halved(step: int) -> Batch:
        inputs, targets = batch(step)
        return (inputs * factor).half(), targets

    return halved


def filled(parameter: str, value: float, rows: slice = slice(None)) -> Callable[[nn.Module], None]:
    """Fill a parameter, or some rows of it."""

    def change(model: nn.Module) -> None:
        model.get_parameter(parameter)[rows] = value

    return change


def multiplied(parameter: str, factor: float) -> Callable[[nn.Module], None]:
    """Multiply a parameter."""

    def change(model: nn.Module) -> None:
        model.get_parameter(parameter).mul_(factor)

    return change


def constant_batch(inputs: Tensor) -> None:
    """Make all samples the same."""
    inputs[:] = inputs[0].clone()


def one_element(value: float) -> Callable[[Tensor], None]:
    """Set one element of one sample."""

    def spoil(inputs: Tensor) -> None:
        inputs[3].view(-1)[5] = value

    return spoil


def pad_all(inputs: Tensor) -> None:
    """Leave a sample no token."""
    inputs[3] = 0


def frozen(path: str) -> Callable[[nn.Module], None]:
    """Let a layer require no gradient."""

    def change(model: nn.Module) -> None:
        model.get_submodule(path).requires_grad_(False)  # PyTorch's own name

    return change


def without(path: str) -> Callable[[nn.Module], list[nn.Parameter]]:
    """The parameters without those of a layer."""
    return lambda model: [p for name, p in model.named_parameters() if not name.startswith(path)]


def rate_times(factor: float) -> Callable[[int, Training], None]:
    """Multiply the learning rate right before step `PLANTED`."""

    def before(step: int, training: Training) -> None:
        if step == PLANTED:
            for group in training.optimizers[0].param_groups:
                group["lr"] *= factor

    return before


def amplifying_rnn() -> nn.RNN:
    """Multiplies its state by four in each step of a sequence."""
    rnn = nn.RNN(models.FEATURES, 16, nonlinearity="relu", batch_first=True)
    with torch.no_grad():
        rnn.get_parameter("weight_hh_l0").copy_(4 * torch.eye(16))
    return rnn


def twins() -> nn.Module:
    """A CNN whose filters come in pairs, here and in the layer that reads them."""
    model = models.CNN()
    with torch.no_grad():
        for name in ("conv2.0.weight", "conv2.0.bias"):
            parameter = model.get_parameter(name)
            parameter[8:] = parameter[:8]
        columns = model.fc.weight.view(models.CLASSES, 16, 16)
        columns[:, 8:] = columns[:, :8]
    return model


def tied() -> nn.Module:
    """Two layers with one weight."""
    model = models.MLP(width=models.FEATURES)
    model.second.weight = model.first.weight
    return model


def zeros() -> nn.Module:
    """Two layers of zeros, so that no gradient passes."""
    model = models.MLP()
    for layer in (model.second, model.last):
        nn.init.zeros_(layer.weight)
    return model


def no_momentum() -> nn.Module:
    """Batch norm that never learns its statistics, and inputs that are not of unit variance."""
    model = models.ResNet()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 0.0
    return scaled(model, "stem.0.weight", 12.0)


def hot() -> nn.Module:
    """Attention whose scores are not scaled down."""
    model = models.Transformer()
    attention = model.get_submodule("attention.1")
    assert isinstance(attention, models.Attention)
    attention.temperature = 1e-4
    return model


def few_tokens(step: int) -> Batch:
    """Tokens of the first quarter of the vocabulary only."""
    inputs, targets = models.tokens(step)
    return inputs % 8, targets


def mislabelled(step: int) -> Batch:
    """Pictures of one class with the label of another."""
    inputs, targets = models.pictures(step)
    return inputs, torch.where(targets == 3, 1, targets)  # a class


def unused(trunk: Tensor, _branch: nn.Module, _x: Tensor) -> Tensor:
    """Do not call the branch."""
    return trunk


def detached(trunk: Tensor, branch: nn.Module, x: Tensor) -> Tensor:
    """Let no gradient through the branch."""
    joined: Tensor = trunk + branch(x).detach()
    return joined


def zero_from_planted(step: int, training: Training) -> None:
    """Until step `PLANTED` what goes into the layer between is above zero; then it is zero."""
    with torch.no_grad():
        training.model.get_parameter("first.weight").mul_(0.0 if step == PLANTED else 1.0)
        training.model.get_parameter("first.bias").fill_(0.0 if step == PLANTED else 3.0)


def small_loss(output: object, inputs: Tensor, targets: Tensor) -> Tensor:
    """A loss so small that float16 has no numbers for its gradients."""
    return 1e-5 * cross_entropy(output, inputs, targets)


def evaluating(step: int, training: Training) -> None:
    """Forget to go back to training mode."""
    if step == PLANTED:
        training.model.eval()


def lose(model: nn.Module) -> None:
    """Let the layer lose its input."""
    lost = model.get_submodule("between")
    assert isinstance(lost, LostInput)
    lost.factor = 0.0


def digits(step: int) -> Batch:
    """A batch of the demo's real digits."""
    training, _ = _bundled()
    begin = step * models.BATCH
    return training.images[begin : begin + models.BATCH], training.labels[
        begin : begin + models.BATCH
    ]


@functools.cache
def _bundled() -> tuple[Digits, Digits]:
    return bundled_digits(seed=0)


def probabilities(output: object, _inputs: Tensor, targets: Tensor) -> Tensor:
    """The demo's loss: its model answers probabilities."""
    assert isinstance(output, Tensor)
    return negative_log_likelihood(output, targets)
