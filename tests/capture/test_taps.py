"""`tap` names what is in the middle of a forward, and is nothing where no step is recorded."""

from __future__ import annotations

import threading
import timeit
from pathlib import Path

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

import tb_layerview
from tests.capture.recorded import assert_same, axes, keys, warned


class Attention(nn.Module):
    """Scores that no module returns, tapped once for each of its two rounds."""

    def __init__(self) -> None:
        super().__init__()
        self.query = nn.Linear(4, 4)
        self.key = nn.Linear(4, 4)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        for _ in range(2):
            scores = self.query(values) @ self.key(values).transpose(-1, -2)
            values = tb_layerview.tap(scores.softmax(-1), "probabilities") @ values
        return values


def scores_of(attention: nn.Module, values: torch.Tensor) -> torch.Tensor:
    query, key = attention.get_submodule("query"), attention.get_submodule("key")
    scores: torch.Tensor = query(values) @ key(values).transpose(-1, -2)
    return scores.softmax(-1)


def test_a_tap_stands_under_the_module_that_is_being_called_and_each_has_a_key(run: Path) -> None:
    model = nn.Sequential(Attention())
    inputs = torch.randn(2, 3, 4)
    with tb_layerview.LayerView(model, run, kinds="tap") as view, view.step(0):
        model(inputs)
    log = tb_layerview.open(run)
    first = scores_of(model[0], inputs)
    assert keys(log) == {"0/tap.probabilities", "0/tap.probabilities#1"}
    assert_same(log, "0/tap.probabilities", first)
    assert_same(log, "0/tap.probabilities#1", scores_of(model[0], first @ inputs))
    assert axes(log, "0/tap.probabilities") == ("Sample", "Axis 1", "Axis 2")


def test_a_tap_returns_the_very_tensor_inside_and_outside_of_a_step(run: Path) -> None:
    value = torch.randn(3, requires_grad=True)
    assert tb_layerview.tap(value, "x") is value

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = nn.Parameter(torch.ones(3))

        def forward(self, values: torch.Tensor) -> torch.Tensor:
            assert tb_layerview.tap(values, "values") is values
            return values * self.scale

    model = Model()
    with tb_layerview.LayerView(model, run, kinds="tap") as view, view.step(0):
        model(value)
        tb_layerview.tap(value, "outside of a call")
    assert keys(tb_layerview.open(run)) == {"/tap.values"}


def test_a_tap_outside_of_a_recorded_step_costs_less_than_a_microsecond() -> None:
    tap, value = tb_layerview.tap, torch.zeros(1)
    calls = 10_000
    seconds = min(timeit.repeat(lambda: tap(value, "x"), number=calls, repeat=20))
    assert seconds / calls < 1e-6


def test_containers_are_tapped_by_their_items_and_other_values_said_to_be_none(run: Path) -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(2, 2)

        def forward(self, values: torch.Tensor) -> torch.Tensor:
            tb_layerview.tap({"a": values, "b": [values + 1]}, "parts")
            tb_layerview.tap(3.0, "number")
            result: torch.Tensor = self.linear(values)
            return result

    model = Model()
    inputs = torch.randn(1, 2)
    with (
        warned() as sentences,
        tb_layerview.LayerView(model, run, kinds="tap") as view,
        view.step(0),
    ):
        model(inputs)
    log = tb_layerview.open(run)
    assert sentences == ["The model's tap.number is not recorded: a float is no tensor"]
    assert_same(log, "/tap.parts.a", inputs)
    assert_same(log, "/tap.parts.b.0", inputs + 1)


def test_a_tap_in_a_layer_that_was_not_chosen_is_not_that_of_the_layer_around_it(
    run: Path,
) -> None:
    inner = nn.Sequential(Attention())
    model = nn.Sequential(inner, nn.Linear(4, 4))
    with (
        warned() as sentences,
        tb_layerview.LayerView(model, run, layers=model[1], kinds=("output", "tap")) as view,
        view.step(0),
    ):
        model(torch.randn(2, 3, 4))
    assert keys(tb_layerview.open(run)) == {"1/output"}
    (sentence,) = sentences
    assert sentence.startswith("Nothing of kind tap")


def test_two_views_record_the_taps_of_their_own_model_only(run: Path) -> None:
    first, second = nn.Sequential(Attention()), nn.Sequential(Attention())
    inputs = torch.randn(2, 3, 4)
    with (
        tb_layerview.LayerView(first, run / "first", kinds="tap") as one,
        tb_layerview.LayerView(second, run / "second", kinds="tap") as two,
        one.step(0),
        two.step(0),
    ):
        second(inputs)
        first(inputs * 2)
    for model, name, values in ((first, "first", inputs * 2), (second, "second", inputs)):
        log = tb_layerview.open(run / name)
        assert keys(log) == {"0/tap.probabilities", "0/tap.probabilities#1"}
        assert_same(log, "0/tap.probabilities", scores_of(model[0], values))


def test_a_model_that_another_one_calls_keeps_its_taps_to_itself(run: Path) -> None:
    class Outer(nn.Module):
        def __init__(self, other: nn.Module) -> None:
            super().__init__()
            self.linear = nn.Linear(4, 4)
            self.others = (other,)  # in a tuple it is no child

        def forward(self, values: torch.Tensor) -> torch.Tensor:
            result: torch.Tensor = self.others[0](self.linear(values))
            return tb_layerview.tap(result, "result")

    inner = nn.Sequential(Attention())
    outer = Outer(inner)
    with (
        tb_layerview.LayerView(outer, run / "outer", kinds="tap") as one,
        tb_layerview.LayerView(inner, run / "inner", kinds="tap") as two,
        one.step(0),
        two.step(0),
    ):
        outer(torch.randn(2, 3, 4))
    assert keys(tb_layerview.open(run / "outer")) == {"/tap.result"}
    assert keys(tb_layerview.open(run / "inner")) == {
        "0/tap.probabilities",
        "0/tap.probabilities#1",
    }


def test_taps_of_several_threads_are_each_recorded_where_they_are(run: Path) -> None:
    model = nn.ModuleList([nn.Sequential(Attention()) for _ in range(4)])
    inputs = torch.randn(2, 3, 4)
    with tb_layerview.LayerView(model, run, kinds="tap") as view, view.step(0):
        threads = [threading.Thread(target=part, args=(inputs,)) for part in model]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    log = tb_layerview.open(run)
    for index, part in enumerate(model):
        expected = scores_of(part.get_submodule("0"), inputs)
        assert_same(log, f"{index}.0/tap.probabilities", expected)


def test_what_checkpointing_repeats_is_not_tapped_again(run: Path) -> None:
    model = nn.Sequential(Attention())
    inputs = torch.randn(2, 3, 4, requires_grad=True)
    with tb_layerview.LayerView(model, run, kinds="tap") as view, view.step(0):
        checkpoint(model, inputs, use_reentrant=False).sum().backward()
    log = tb_layerview.open(run)
    assert keys(log) == {"0/tap.probabilities", "0/tap.probabilities#1"}


def test_a_compiled_model_with_a_tap_is_one_graph_and_stays_it_around_a_recorded_step(
    run: Path,
) -> None:
    graphs: list[object] = []

    def backend(graph: torch.fx.GraphModule, _: object) -> object:
        graphs.append(graph)
        return graph.forward

    model = nn.Sequential(Attention())
    compiled = torch.compile(model, backend=backend, fullgraph=True)
    inputs = torch.randn(2, 3, 4)
    expected = model(inputs)
    other = nn.Sequential(nn.Linear(4, 4))
    assert torch.equal(compiled(inputs), expected)
    with warned(), tb_layerview.LayerView(other, run, kinds="tap") as view, view.step(0):
        compiled(inputs)
    compiled(inputs)
    torch.compiler.reset()  # an old PyTorch says of a later recording that something was compiled
    assert len(graphs) == 1
