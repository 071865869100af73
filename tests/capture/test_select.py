from __future__ import annotations

from typing import cast

import pytest
from torch import nn

from demo.model import CNN
from tb_layerview.capture.select import Layers, listed_layers, select_places
from tb_layerview.capture.structure import structure_of
from tb_layerview.errors import ArgumentError, LayerNotFoundError


class Branches(nn.Module):
    """Every container that PyTorch has, and names that begin alike."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleDict({"a": nn.Linear(2, 2), "b": nn.ReLU()})
        self.layers = nn.ModuleList(
            nn.ModuleDict({"attn": nn.Linear(2, 2), "mlp": nn.Sequential(nn.Linear(2, 2))})
            for _ in range(12)
        )
        self.fc1 = nn.Linear(2, 2)
        self.fc2 = nn.Sequential(nn.Linear(2, 2))


def selected(model: nn.Module, layers: object) -> list[str]:
    chosen = listed_layers(cast("Layers", layers))
    return [place.path for place in select_places(structure_of(model).places, chosen)]


def test_without_a_choice_every_module_is_selected_in_the_order_of_named_modules() -> None:
    model = CNN()
    assert selected(model, None) == [path for path, _ in model.named_modules()]


@pytest.mark.parametrize(
    "name", ["conv2[0]", "conv2.0", "model.conv2[0]", "net.conv2.0", "conv2[-2]", "c*2.0"]
)
def test_one_layer_is_named_as_in_code_or_as_in_named_modules(name: str) -> None:
    assert selected(CNN(), name) == ["conv2.0"]


def test_a_module_itself_selects_its_place() -> None:
    model = CNN()
    assert selected(model, model.conv2[0]) == ["conv2.0"]


def test_a_class_selects_all_of_its_kind() -> None:
    assert selected(CNN(), nn.Conv2d) == ["conv1.0", "conv2.0", "conv3.0"]


def test_a_list_selects_what_any_of_its_items_does_in_the_order_of_definition() -> None:
    model = CNN()
    found = selected(model, ["fc_final[0]", nn.MaxPool2d, model.conv2[0]])
    assert found == ["pool1", "conv2.0", "pool2", "fc_final.0"]


def test_a_generator_of_layers_is_a_list_of_them() -> None:
    assert selected(CNN(), (f"pool{number}" for number in (1, 2))) == ["pool1", "pool2"]


@pytest.mark.parametrize("layers", ["conv2", "model.conv2", "?onv2"])
def test_a_container_selects_what_is_inside(layers: str) -> None:
    assert selected(CNN(), layers) == ["conv2", "conv2.0", "conv2.1"]


def test_the_model_itself_selects_everything() -> None:
    model = CNN()
    assert selected(model, model) == selected(model, None)


def test_a_pattern_matches_within_one_level_and_selects_what_is_inside() -> None:
    assert selected(CNN(), "fc*") == [
        "fc1",
        "fc1.0",
        "fc1.1",
        "fc_final",
        "fc_final.0",
        "fc_final.1",
    ]
    assert selected(Branches(), "layers.*.attn") == [f"layers.{i}.attn" for i in range(12)]


def test_the_star_of_a_pattern_crosses_no_dot() -> None:
    with pytest.raises(LayerNotFoundError):
        selected(Branches(), "layers.*n")


@pytest.mark.parametrize("name", ["blocks['a']", 'blocks["a"]', "blocks.a", "self.blocks[ 'a' ]"])
def test_a_key_of_a_module_dict_is_an_index_or_a_name(name: str) -> None:
    assert selected(Branches(), name) == ["blocks.a"]


def test_a_negative_index_counts_from_the_end() -> None:
    assert selected(Branches(), "layers[-1].attn") == ["layers.11.attn"]


def test_a_shared_module_is_selected_at_each_of_its_places() -> None:
    shared = nn.Linear(2, 2)
    model = nn.ModuleDict({"a": shared, "b": nn.Sequential(shared)})
    assert selected(model, shared) == ["a", "b.0"]


@pytest.mark.parametrize(
    ("layers", "nearest"),
    [
        ("conv2[7]", "conv2.0"),
        ("model.covn2[0]", "conv2.0"),
        ("fc_finall", "fc_final"),
        ("conv9*", "conv1"),
        ("conv2['']", "conv2"),
    ],
)
def test_a_name_that_matches_nothing_is_an_error_that_lists_the_nearest(
    layers: str, nearest: str
) -> None:
    with pytest.raises(LayerNotFoundError) as caught:
        selected(CNN(), layers)
    assert nearest in caught.value.nearest
    assert repr(nearest) in str(caught.value)
    assert repr(layers) in str(caught.value)


def test_a_leading_name_alone_never_means_the_whole_model() -> None:
    with pytest.raises(LayerNotFoundError):
        selected(CNN(), "conv")


def test_a_class_that_matches_nothing_lists_the_classes_there_are() -> None:
    with pytest.raises(LayerNotFoundError) as caught:
        selected(CNN(), nn.Conv3d)
    assert "Conv2d" in caught.value.nearest


def test_a_module_of_another_model_lists_those_of_its_class() -> None:
    with pytest.raises(LayerNotFoundError, match="not in the model") as caught:
        selected(CNN(), CNN().conv2[0])
    assert caught.value.nearest == ("conv1.0", "conv2.0", "conv3.0")


@pytest.mark.parametrize("layers", [[], 3, [3], int, [None]])
def test_what_is_no_choice_of_layers_is_an_argument_error(layers: object) -> None:
    with pytest.raises(ArgumentError, match="layers"):
        selected(CNN(), layers)
