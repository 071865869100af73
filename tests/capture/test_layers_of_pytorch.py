"""Layers that compute their weights, count their samples elsewhere, or return no lone tensor."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, prune
from torch.nn.utils.rnn import pack_padded_sequence

import tb_layerview
from tests.capture.recorded import assert_same, axes, elements, keys, record, warned

TIME, BATCH, FEATURES, HIDDEN = 5, 6, 3, 4
IN_OUT = ("input", "output")


@pytest.mark.parametrize("make", [nn.RNN, nn.LSTM, nn.GRU])
@pytest.mark.parametrize("batch_first", [True, False])
def test_recurrent_layers_count_their_samples_on_the_axis_that_they_were_told(
    run: Path, make: Callable[..., nn.RNNBase], batch_first: bool
) -> None:
    model = nn.Sequential(make(FEATURES, HIDDEN, num_layers=2, batch_first=batch_first))
    inputs = torch.randn(TIME, BATCH, FEATURES)
    if batch_first:
        inputs = inputs.transpose(0, 1)
    samples = inputs if batch_first else inputs.transpose(0, 1)
    log = record(model, run, inputs, inputs=samples, kinds=IN_OUT, samples=2)
    sequence, hidden = model(inputs)
    hidden = hidden[0] if isinstance(hidden, tuple) else hidden
    name = "1.0" if make is nn.LSTM else "1"
    assert_same(log, f"0/output.{name}", hidden[:, :2])
    assert axes(log, f"0/output.{name}") == ("Layer", "Sample", "Feature")
    if batch_first:
        assert_same(log, "0/output.0", sequence[:2])
        assert_same(log, "0/input.0", inputs[:2])
        assert axes(log, "0/output.0") == ("Sample", "Time", "Feature")
    else:
        assert_same(log, "0/output.0", sequence[:, :2])
        assert_same(log, "0/input.0", inputs[:, :2])
        assert axes(log, "0/output.0") == ("Time", "Sample", "Feature")


def test_a_recurrent_layer_that_is_the_model_tells_the_batch_itself(run: Path) -> None:
    log = record(nn.GRU(FEATURES, HIDDEN), run, torch.randn(TIME, BATCH, FEATURES), samples=2)
    assert elements(log, "/output.0").shape == (TIME, 2, HIDDEN)
    assert log.schema().samples == (0, 1)


def test_packed_sequences_are_recorded_by_their_data(run: Path) -> None:
    model = nn.LSTM(FEATURES, HIDDEN, batch_first=True)
    lengths = torch.tensor([5, 3, 2])
    packed = pack_padded_sequence(torch.randn(3, TIME, FEATURES), lengths, batch_first=True)
    log = record(model, run, packed, kinds=IN_OUT)
    sequence, (hidden, _) = model(packed)
    assert_same(log, "/input.0.data", packed.data)
    assert_same(log, "/output.0.data", sequence.data)
    assert_same(log, "/output.0.batch_sizes", packed.batch_sizes)
    assert_same(log, "/output.1.0", hidden)
    assert "Sample" not in axes(log, "/output.0.data")


@pytest.mark.parametrize("batch_first", [True, False])
def test_attention_is_recorded_with_its_weights(run: Path, batch_first: bool) -> None:
    model = nn.MultiheadAttention(4, 2, batch_first=batch_first)
    query = torch.randn(BATCH, TIME, 4) if batch_first else torch.randn(TIME, BATCH, 4)
    log = record(model, run, query, query, query, kinds=IN_OUT, samples=2)
    mixed, weights = model(query, query, query)
    assert_same(log, "/output.1", weights[:2])
    assert axes(log, "/output.1") == ("Sample", "Query", "Key")
    if batch_first:
        assert_same(log, "/output.0", mixed[:2])
    else:
        assert_same(log, "/output.0", mixed[:, :2])
        assert_same(log, "/input.2", query[:, :2])


def test_weights_of_attention_have_an_axis_for_the_heads_if_they_are_not_averaged(
    run: Path,
) -> None:
    model = nn.MultiheadAttention(4, 2, batch_first=True)
    query = torch.randn(BATCH, TIME, 4)
    with tb_layerview.LayerView(model, run, samples=2) as view, view.step(0):
        _, weights = model(query, query, query, average_attn_weights=False)
    log = tb_layerview.open(run)
    assert_same(log, "/output.1", weights[:2])
    assert axes(log, "/output.1") == ("Sample", "Head", "Query", "Key")


def test_a_transformer_that_begins_with_time_keeps_samples_of_its_second_axis(run: Path) -> None:
    layer = nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0)
    model = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
    inputs = torch.randn(TIME, BATCH, 4)
    log = record(model, run, inputs, samples=2)
    assert_same(log, "/output", model(inputs)[:, :2])
    assert_same(log, "layers.0/output", model.layers[0](inputs)[:, :2])


def test_layers_in_lists_and_dictionaries_are_recorded_under_their_paths(run: Path) -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.blocks = nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 3)])
            self.heads = nn.ModuleDict({"a": nn.Linear(3, 2), "b": nn.Linear(3, 1)})

        def forward(self, values: torch.Tensor) -> torch.Tensor:
            for block in self.blocks:
                values = block(values)
            return torch.cat([head(values) for head in self.heads.values()], 1)

    model = Model()
    inputs = torch.randn(4, 3)
    log = record(model, run, inputs)
    assert_same(log, "heads.b/output", model.heads["b"](model.blocks[1](model.blocks[0](inputs))))
    assert_same(log, "blocks.1/param.weight", model.blocks[1].get_parameter("weight"))
    assert log.problems == []


@pytest.mark.parametrize(
    "parametrize", [parametrizations.weight_norm, parametrizations.orthogonal], ids=["norm", "qr"]
)
@pytest.mark.parametrize("kinds", [("param",), ("param", "output")], ids=str)
def test_a_parametrized_weight_is_recorded_beside_what_it_is_computed_of(
    run: Path, parametrize: Callable[[nn.Module], nn.Module], kinds: tuple[str, ...]
) -> None:
    model = nn.Sequential(nn.Linear(4, 4))
    parametrize(model[0])
    log = record(model, run, torch.randn(4, 4), kinds=kinds)
    assert_same(log, "0/param.weight", model[0].get_submodule("parametrizations.weight")())
    assert axes(log, "0/param.weight") == ("Output Node Index", "Input Node Index")
    for name, parameter in model.named_parameters():
        path, _, own = name.rpartition(".")
        assert_same(log, f"{path}/param.{own}", parameter)
    # Its first axis has the length of the batch, and counts no samples.
    assert all("Sample" not in axes(log, key) for key in keys(log) if "parametrizations" in key)


def test_recording_a_spectral_norm_does_not_iterate_it(run: Path) -> None:
    def state(path: Path | None) -> list[torch.Tensor]:
        torch.manual_seed(0)
        model = nn.Sequential(parametrizations.spectral_norm(nn.Linear(4, 4)))
        inputs = torch.randn(4, 4)
        if path is None:
            model(inputs)
        else:
            record(model, path, inputs)
        return list(model.state_dict().values())

    assert all(map(torch.equal, state(None), state(run)))


@pytest.mark.parametrize("kinds", [("param", "buffer"), ("param", "buffer", "output")], ids=str)
def test_a_pruned_weight_is_recorded_beside_its_original_and_its_mask(
    run: Path, kinds: tuple[str, ...]
) -> None:
    model = nn.Sequential(nn.Linear(4, 3))
    prune.random_unstructured(model[0], "weight", amount=0.5)
    with torch.no_grad():
        # What an optimizer does: the weight beside it is computed anew in the next forward.
        model.get_parameter("0.weight_orig").add_(1)
    log = record(model, run, torch.randn(2, 4), kinds=kinds)
    original, mask = model.get_parameter("0.weight_orig"), model.get_buffer("0.weight_mask")
    assert_same(log, "0/param.weight_orig", original)
    assert_same(log, "0/buffer.weight_mask", mask)
    assert_same(log, "0/param.weight", original * mask)
    assert (elements(log, "0/param.weight") == 0).any()


def test_embeddings_are_recorded_with_their_indices(run: Path) -> None:
    model = nn.Sequential(nn.Embedding(9, 3))
    tokens = torch.randint(0, 9, (6, 5))
    log = record(model, run, tokens, kinds=("param", *IN_OUT))
    assert_same(log, "0/input.0", tokens[:4])
    assert_same(log, "0/output", model(tokens)[:4])
    assert axes(log, "0/param.weight") == ("Token", "Feature")


class Moments(NamedTuple):
    mean: torch.Tensor
    deviation: torch.Tensor


@dataclass
class Decoded:
    logits: torch.Tensor
    moments: Moments


@dataclass
class ModelOutput(OrderedDict[str, object]):
    """As libraries of language models have it: a dataclass and a dictionary of what is set."""

    logits: torch.Tensor | None = None
    loss: torch.Tensor | None = None
    hidden_states: tuple[torch.Tensor, ...] | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None:
                self[field.name] = value


class Returns(nn.Module):
    def __init__(self, wrap: Callable[[torch.Tensor, torch.Tensor], object]) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 3)
        self.wrap = wrap

    def forward(self, values: torch.Tensor) -> object:
        first = self.linear(values)
        return self.wrap(first, first * 2)


@pytest.mark.parametrize(
    ("wrap", "names"),
    [
        (lambda a, b: (a, [b]), ("0", "1.0")),
        (lambda a, b: {"x": {"y": a}, "z": b}, ("x.y", "z")),
        (Moments, ("mean", "deviation")),
        (lambda a, b: Decoded(a, Moments(a, b)), ("logits", "moments.deviation")),
        (lambda a, b: ModelOutput(logits=a, hidden_states=(a, b)), ("logits", "hidden_states.1")),
    ],
    ids=["tuple", "dictionary", "named tuple", "dataclass", "model output"],
)
def test_nested_outputs_have_a_key_for_each_tensor_and_for_its_gradient(
    run: Path, wrap: Callable[[torch.Tensor, torch.Tensor], object], names: tuple[str, str]
) -> None:
    kept: list[tuple[torch.Tensor, torch.Tensor]] = []

    def keep(a: torch.Tensor, b: torch.Tensor) -> object:
        kept.append((a, b))
        return wrap(a, b)

    model = Returns(keep)
    inputs = torch.randn(4, 3)
    with (
        tb_layerview.LayerView(model, run, kinds=("output", "output_grad")) as view,
        view.step(0),
    ):
        model(inputs)
        first, second = kept[0]
        (first.square().sum() + second.pow(3).sum()).backward()
    log = tb_layerview.open(run)
    expected = model.linear(inputs)
    doubled = expected * 2
    gradients = torch.autograd.grad(
        expected.square().sum() + doubled.pow(3).sum(), (expected, doubled)
    )
    for name, value, gradient in zip(names, (expected, doubled), gradients, strict=True):
        assert_same(log, f"/output.{name}", value)
        assert_same(log, f"/output_grad.{name}", gradient)


def test_attention_that_takes_the_weights_of_its_own_layer_is_said_to_miss_nothing(
    run: Path,
) -> None:
    model = nn.Sequential(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), nn.Linear(8, 2))
    model[0].requires_grad_(False)
    kinds = ("param", "grad", "output")
    with (
        warned() as sentences,
        tb_layerview.LayerView(model, run, kinds=kinds) as view,
        view.step(0),
    ):
        model(torch.randn(4, 5, 8)).sum().backward()
    log = tb_layerview.open(run)
    assert (sentences, log.problems) == ([], [])
    name = "0.self_attn.out_proj"
    assert_same(log, f"{name}/param.weight", model.get_parameter(f"{name}.weight"))
    assert "never_reached" not in {found.rule for found in log.findings()}
