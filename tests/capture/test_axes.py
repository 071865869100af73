from __future__ import annotations

import pytest
from torch import nn
from torch.nn.utils import prune

from tb_layerview.capture.axes import axes_of, state_axes

NODES = ("Output Node Index", "Input Node Index")
CHANNELS = ("Output Channel", "Input Channel")


@pytest.mark.parametrize(
    ("module", "name", "expected"),
    [
        (nn.Linear(3, 2), "weight", NODES),
        (nn.Linear(3, 2), "bias", NODES[:1]),
        (nn.LazyLinear(3), "weight", NODES),
        (nn.Conv1d(2, 3, 5), "weight", (*CHANNELS, "Position")),
        (nn.Conv2d(2, 3, 5), "weight", (*CHANNELS, "Row", "Column")),
        (nn.Conv3d(2, 3, 5), "weight", (*CHANNELS, "Depth", "Row", "Column")),
        (nn.Conv2d(2, 3, 5), "bias", ("Output Channel",)),
        (nn.ConvTranspose2d(2, 3, 5), "weight", (*CHANNELS[::-1], "Row", "Column")),
        (nn.ConvTranspose2d(2, 3, 5), "bias", ("Output Channel",)),
        (nn.BatchNorm2d(3), "weight", ("Channel",)),
        (nn.BatchNorm2d(3), "running_mean", ("Channel",)),
        (nn.BatchNorm2d(3), "num_batches_tracked", ()),
        (nn.PReLU(3), "weight", ("Channel",)),
        (nn.LayerNorm(3), "weight", ("Feature",)),
        (nn.LayerNorm((3, 4, 4)), "weight", ("Channel", "Row", "Column")),
        (nn.LayerNorm((3, 4)), "weight", ("Axis 0", "Axis 1")),
        (nn.Embedding(5, 3), "weight", ("Token", "Feature")),
        (
            nn.Bilinear(2, 3, 4),
            "weight",
            ("Output Node Index", "Input Node Index 1", "Input Node Index 2"),
        ),
        (nn.Bilinear(2, 3, 4), "bias", NODES[:1]),
        (nn.LSTM(2, 3), "weight_ih_l0", ("Node Index of gates i, f, g, o", "Input Node Index")),
        (nn.LSTM(2, 3), "bias_hh_l0", ("Node Index of gates i, f, g, o",)),
        (nn.LSTM(2, 3, proj_size=2), "weight_hr_l0", ("Output Node Index", "Hidden Node Index")),
        (nn.GRUCell(2, 3), "weight_hh", ("Node Index of gates r, z, n", "Hidden Node Index")),
        (nn.RNN(2, 3), "weight_hh_l0", ("Output Node Index", "Hidden Node Index")),
        (
            nn.MultiheadAttention(4, 2),
            "in_proj_weight",
            ("Query, Key, Value Node Index", "Input Node Index"),
        ),
        (nn.MultiheadAttention(4, 2), "in_proj_bias", ("Query, Key, Value Node Index",)),
        (nn.MultiheadAttention(4, 2, kdim=3), "k_proj_weight", NODES),
    ],
)
def test_parameters_and_buffers_have_the_names_of_their_layer(
    module: nn.Module, name: str, expected: tuple[str, ...]
) -> None:
    tensor = getattr(module, name)
    rank = len(expected) if isinstance(module, nn.LazyLinear) else tensor.ndim
    assert state_axes(module, name, rank) == expected


def test_a_pruned_weight_keeps_the_names_of_its_axes() -> None:
    layer = nn.Linear(3, 2)
    prune.random_unstructured(layer, "weight", amount=0.5)
    for name in ("weight_orig", "weight_mask"):
        assert state_axes(layer, name, getattr(layer, name).ndim) == NODES


@pytest.mark.parametrize(
    ("module", "output", "expected"),
    [
        (nn.Linear(3, 2), (4, 2), ("Sample", "Output Node Index")),
        (nn.ReLU(), (4, 2), ("Sample", "Output Node Index")),
        (nn.Linear(3, 2), (4, 5, 2), ("Sample", "Time", "Feature")),
        (nn.Linear(3, 2), (4, 9, 9, 2), ("Sample", "Row", "Column", "Feature")),
        (nn.LayerNorm(3), (4, 9, 9, 3), ("Sample", "Row", "Column", "Feature")),
        (nn.BatchNorm1d(3), (4, 3, 9), ("Sample", "Filter", "Position")),
        (nn.MaxPool1d(2), (4, 3, 9), ("Sample", "Filter", "Position")),
        (nn.Softmax(-1), (4, 2, 9, 9), ("Sample", "Head", "Query", "Key")),
        (nn.Softmax(1), (4, 2, 9, 9), ("Sample", "Filter", "Row", "Column")),
        (nn.Conv1d(2, 3, 5), (4, 3, 9), ("Sample", "Filter", "Position")),
        (nn.Conv2d(2, 3, 5), (4, 3, 9, 9), ("Sample", "Filter", "Row", "Column")),
        (nn.Conv3d(2, 3, 5), (4, 3, 9, 9, 9), ("Sample", "Filter", "Depth", "Row", "Column")),
        (nn.ReLU(), (4, 3, 9, 9), ("Sample", "Filter", "Row", "Column")),
        (nn.Flatten(0), (4,), ("Sample",)),
        (
            nn.ReLU(),
            (4, 1, 1, 1, 1, 1),
            ("Sample", "Axis 1", "Axis 2", "Axis 3", "Axis 4", "Axis 5"),
        ),
    ],
)
def test_outputs_have_the_names_of_the_field(
    module: nn.Module, output: tuple[int, ...], expected: tuple[str, ...]
) -> None:
    assert axes_of(module, "output", "", len(output), 0) == expected


@pytest.mark.parametrize(
    ("name", "rank", "expected"),
    [
        ("attention_probs", 4, ("Sample", "Head", "Query", "Key")),
        ("block1.attn_weights", 4, ("Sample", "Head", "Query", "Key")),
        ("attention_output", 4, ("Sample", "Axis 1", "Axis 2", "Axis 3")),
        ("attention_probs", 3, ("Sample", "Axis 1", "Axis 2")),
    ],
)
def test_tapped_attention_has_heads_queries_and_keys(
    name: str, rank: int, expected: tuple[str, ...]
) -> None:
    assert axes_of(nn.Module(), "tap", name, rank, 0) == expected


@pytest.mark.parametrize(
    ("module", "rank", "expected"),
    [
        (nn.Conv2d(2, 3, 5), 3, ("Filter", "Row", "Column")),
        (nn.Linear(3, 2), 2, ("Axis 0", "Axis 1")),
        (nn.ReLU(), 0, ()),
    ],
)
def test_an_output_without_a_batch_axis_has_no_axis_of_samples(
    module: nn.Module, rank: int, expected: tuple[str, ...]
) -> None:
    assert axes_of(module, "output", "", rank, None) == expected


@pytest.mark.parametrize(
    ("role", "rank", "expected"),
    [
        ("inputs", 4, ("Sample", "Channel", "Row", "Column")),
        ("inputs", 3, ("Sample", "Time", "Feature")),
        ("inputs", 2, ("Sample", "Feature")),
        ("targets", 1, ("Sample",)),
        ("predictions", 2, ("Sample", "Output Node Index")),
    ],
)
def test_samples_have_the_names_of_what_they_are(
    role: str, rank: int, expected: tuple[str, ...]
) -> None:
    assert axes_of(nn.ReLU(), "sample", role, rank, 0) == expected


def test_a_mask_of_attention_is_one_of_queries_by_keys() -> None:
    attention = nn.MultiheadAttention(4, 2)
    assert axes_of(attention, "input", "attn_mask", 2, None) == ("Query", "Key")


@pytest.mark.parametrize("rank", range(8))
@pytest.mark.parametrize(
    "module", [nn.Linear(2, 2), nn.Conv2d(2, 2, 1), nn.BatchNorm1d(2), nn.GRU(2, 2)]
)
def test_there_is_a_name_for_every_axis_whatever_the_rank(module: nn.Module, rank: int) -> None:
    for name in ("weight", "bias", "weight_ih_l0"):
        assert len(state_axes(module, name, rank)) == rank
    for kind in ("sample", "input", "output", "output_grad", "tap"):
        for sample_axis in (None, *range(min(rank, 2))):
            assert len(axes_of(module, kind, "0", rank, sample_axis)) == rank
