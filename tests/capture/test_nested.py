from __future__ import annotations

from collections import UserDict
from dataclasses import dataclass, field
from typing import NamedTuple

import torch

from tb_layerview.capture.nested import DEPTH_LIMIT, named_tensors

A = torch.tensor([1.0])
B = torch.tensor([2.0])


class Pair(NamedTuple):
    mean: torch.Tensor
    deviation: torch.Tensor


@dataclass
class Answer:
    logits: torch.Tensor
    note: str
    hidden: tuple[torch.Tensor, ...]
    unset: torch.Tensor = field(init=False)


def names(value: object) -> list[str]:
    return [name for name, _ in named_tensors(value)]


def test_a_lone_tensor_has_no_name() -> None:
    assert list(named_tensors(A)) == [("", A)]


def test_items_of_tuples_and_lists_are_named_by_their_index() -> None:
    assert [(name, tensor.item()) for name, tensor in named_tensors((A, [B, A]))] == [
        ("0", 1.0),
        ("1.0", 2.0),
        ("1.1", 1.0),
    ]


def test_items_of_mappings_are_named_by_their_key() -> None:
    assert names({"loss": A, "hidden": (A, B)}) == ["loss", "hidden.0", "hidden.1"]
    assert names(UserDict({"x": A})) == ["x"]
    assert names({0: A}) == ["0"]


def test_fields_of_named_tuples_and_dataclasses_are_named_by_themselves() -> None:
    assert names(Pair(A, B)) == ["mean", "deviation"]
    assert names(Answer(A, "text", (A, B))) == ["logits", "hidden.0", "hidden.1"]


def test_what_pytorch_itself_returns_is_looked_into() -> None:
    assert names(torch.max(torch.eye(2), dim=0)) == ["0", "1"]
    packed = torch.nn.utils.rnn.pack_sequence([torch.ones(2), torch.ones(1)])
    assert names(packed) == ["data", "batch_sizes"]


def test_what_is_no_tensor_is_left_out() -> None:
    assert names((None, 1.0, "text", {1, 2}, A, Answer)) == ["4"]


def test_a_container_that_holds_itself_ends() -> None:
    endless: list[object] = [A]
    endless.append(endless)
    assert len(names(endless)) == DEPTH_LIMIT
