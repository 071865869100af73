"""The flight recorder where values come late, as from an accelerator, and with compiled code."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import tb_layerview
from tb_layerview.capture.flight import recorder as flight_recorder
from tb_layerview.capture.flight.readings import Arriving
from tb_layerview.capture.flight.start import StepStart
from tb_layerview.capture.recording import Recording
from tests.capture.recorded import assert_same, warned
from tests.modes.test_compiled import CountingBackend, backend, compiled_module

__all__ = ["backend"]


class Late:
    """A number that arrives when the test says so."""

    def __init__(self, number: float) -> None:
        self._number = number
        self.arrived = self.waited_for = False

    def ready(self) -> bool:
        return self.arrived

    def value(self) -> float:
        self.waited_for = not self.arrived
        return self._number


class FakeEvent:
    def __init__(self) -> None:
        self.calls: list[str] = []

    def record(self, _stream: object) -> None:
        self.calls.append("record")

    def query(self) -> bool:
        self.calls.append("query")
        return False

    def synchronize(self) -> None:
        self.calls.append("synchronize")


class FakeCuda:
    Event = FakeEvent

    @staticmethod
    def current_stream(_device: torch.device) -> str:
        return "training"


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> list[Late]:
    """The watched numbers, in order: each is under way until the test lets it arrive."""
    numbers: list[Late] = []

    def reading(value: object) -> Late:
        numbers.append(Late(float(value)))  # type: ignore[arg-type]
        return numbers[-1]

    def noted(model: nn.Module) -> StepStart:
        return StepStart(model, with_parameters=True)

    monkeypatch.setattr(flight_recorder, "number_at_once", lambda _: None)
    monkeypatch.setattr(flight_recorder, "reading_of", reading)
    monkeypatch.setattr(flight_recorder, "StepStart", noted)
    return numbers


class Loop:
    """A recurrent layer, which keeps its weights in a list of its own, too, and dropout."""

    def __init__(self, run: Path, every: Callable[[int], bool] = lambda _: False) -> None:
        self.model = nn.Sequential(nn.Dropout(0.5), nn.GRU(3, 2), Last())
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.1)
        self.view = tb_layerview.LayerView(self.model, run, every=every, on_nonfinite="record")
        self.states: deque[dict[str, Tensor]] = deque()
        self.outputs: deque[Tensor] = deque()

    def step(self, number: int, *, poison: float = 1.0) -> None:
        images = torch.rand(4, 3)
        self.states.append({k: v.clone() for k, v in self.model.state_dict().items()})
        with self.view.step(number, inputs=images) as recording:
            output = self.model(images)
            self.outputs.append(output.detach())
            loss = output.square().sum()
            recording.watch(
                loss.detach() * poison, lambda: self.model(images).square().sum() * poison
            )
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()


class Last(nn.Module):
    def forward(self, outputs: tuple[Tensor, Tensor]) -> Tensor:
        return outputs[0]


def test_what_is_read_a_step_later_is_run_again_with_the_weights_of_then(
    run: Path, late: list[Late]
) -> None:
    loop = Loop(run)
    loop.step(0)
    loop.step(1, poison=math.inf)
    assert not any(number.waited_for for number in late)
    for number in late:
        number.arrived = True
    before = {name: tensor.clone() for name, tensor in loop.model.state_dict().items()}
    generator = torch.get_rng_state()
    with warned():
        loop.view.flush()
    assert torch.equal(torch.get_rng_state(), generator)
    assert all(torch.equal(before[name], now) for name, now in loop.model.state_dict().items())
    log = tb_layerview.open(run)
    assert log.marks == {1: "the loss is inf"}
    assert_same(log, "/output", loop.outputs[1], step=1)
    for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"):
        assert_same(log, f"1/param.{name}", loop.states[1][f"1.{name}"], step=1)
    loop.step(2)
    loop.view.close()


def test_the_training_waits_for_no_value_before_two_further_steps_began(
    run: Path, late: list[Late]
) -> None:
    loop = Loop(run)
    for number in range(3):
        loop.step(number)
        assert not any(value.waited_for for value in late)
    loop.step(3)
    waited = [value.waited_for for value in late]
    assert waited[: len(waited) // 4] == [True] * (len(waited) // 4)
    loop.view.close()


@pytest.mark.usefixtures("late")
def test_an_earlier_step_is_recorded_before_one_that_is_due(run: Path) -> None:
    loop = Loop(run, every=lambda step: step == 2)
    with warned():
        for number in range(3):
            loop.step(number, poison=math.nan if number == 1 else 1.0)
    loop.view.close()
    log = tb_layerview.open(run)
    assert log.steps == [1, 2]
    assert list(log.marks) == [1]


def test_a_number_under_way_is_asked_for_without_waiting_and_read_after_its_event() -> None:
    arriving = Arriving(torch.tensor(2.5), FakeCuda, pinned=False)
    event = arriving._event  # noqa: SLF001 - what it was asked
    assert not arriving.ready()
    assert event.calls == ["record", "query"]
    assert arriving.value() == 2.5
    assert event.calls[-1] == "synchronize"


def test_a_loss_within_a_gradient_of_torch_func_is_seen(run: Path) -> None:
    (sentence,) = _sentences_of(run, torch.func.grad)
    assert sentence.startswith("Step 1: the loss is inf. Its batch could not be run again, so only")
    assert tb_layerview.open(run).marks == {1: "the loss is inf"}


def test_a_loss_within_functionalize_is_seen_and_why_it_is_not_run_again_is_said(run: Path) -> None:
    (sentence,) = _sentences_of(run, torch.func.functionalize)
    assert sentence.startswith("Step 1: the loss is inf. Its batch is not run again: it tripped")
    assert tb_layerview.open(run).steps == []


def _sentences_of(run: Path, transform: Callable[..., Callable[[Tensor], object]]) -> list[str]:
    model = nn.Linear(3, 1)
    view = tb_layerview.LayerView(model, run, every=lambda _: False, on_nonfinite="record")
    with warned() as sentences:
        for number, divisor in enumerate((1, 0, 1)):
            with view.step(number) as recording:

                def loss_of(divided: Tensor, recording: Recording = recording) -> Tensor:
                    loss = divided.square().sum()
                    recording.watch(loss)
                    return loss

                transform(loss_of)(torch.ones(3) / divisor)
    view.close()
    return sentences


def test_compiled_code_stays_compiled_and_is_run_again_eagerly(
    run: Path,
    backend: CountingBackend,
) -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    compiled = compiled_module(model, backend)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    view = tb_layerview.LayerView(
        compiled, run, every=lambda _: False, on_nonfinite="record", max_trips=9
    )
    inputs = torch.rand(5, 3)
    compiled_once = 0
    with warned():
        for number in range(6):
            with view.step(number, inputs=inputs) as recording:
                loss = compiled(inputs).square().mean()
                recording.watch(
                    math.nan if number in (2, 3) else loss,
                    lambda: compiled(inputs).square().mean(),
                )
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            compiled_once = compiled_once or backend.compiled
    view.close()
    assert backend.compiled == compiled_once > 0
    assert backend.runs == 6
    log = tb_layerview.open(run)
    assert log.steps == [2, 3]
    assert "2/grad.weight" in log.keys()  # noqa: SIM118 - a log is no dictionary
    assert "0/output" in log.keys()  # noqa: SIM118


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_a_compiled_optimizer_is_not_compiled_anew(run: Path, backend: CountingBackend) -> None:
    model = nn.Linear(3, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    view = tb_layerview.LayerView(model, run, every=lambda step: step == 3, on_nonfinite="record")
    counts = []
    update = torch.compile(optimizer.step, backend=backend)
    for number in range(6):
        with view.step(number, inputs=torch.rand(4, 3)) as recording:
            loss = model(torch.rand(4, 3)).sum()
            recording.watch(loss)
            optimizer.zero_grad()
            loss.backward()
            update()
        counts.append(backend.compiled)
    view.close()
    assert counts == [counts[0]] * 6
