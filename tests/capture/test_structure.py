from __future__ import annotations

import torch
from torch import nn

from demo.model import CNN
from tb_layerview.capture.structure import ExecutionOrder, Structure, own_repr, structure_of


def in_order(order: ExecutionOrder, structure: Structure) -> list[str]:
    specs = order.specs(structure)
    assert [spec.order for spec in specs] == list(range(len(specs)))
    return [spec.path for spec in specs]


def containers(*names: str) -> nn.ModuleDict:
    return nn.ModuleDict({name: nn.Sequential(nn.ReLU(), nn.Tanh()) for name in names})


def test_every_module_prints_as_its_own_line_of_the_printed_model() -> None:
    model = CNN()
    lines = str(model).splitlines()
    for path, module in model.named_modules():
        name = path.rpartition(".")[2]
        opening = own_repr(module)
        if list(module.children()):
            opening = opening.removesuffix(")")
        assert any(line.strip() in (opening, f"({name}): {opening}") for line in lines), path


def test_a_module_whose_extra_repr_fails_is_named_by_its_class() -> None:
    class Broken(nn.ReLU):
        def extra_repr(self) -> str:
            raise RuntimeError("no")

    assert own_repr(Broken()) == "Broken()"


def test_before_anything_ran_modules_stand_in_the_order_of_definition() -> None:
    model = CNN()
    assert in_order(ExecutionOrder(), structure_of(model)) == [p for p, _ in model.named_modules()]


def test_siblings_stand_in_the_order_in_which_they_ran_and_containers_before_their_children() -> (
    None
):
    order = ExecutionOrder()
    order.observe(["b.1", "b.0", "b", "a.0", "a.1", "a", ""])
    found = in_order(order, structure_of(containers("a", "b")))
    assert found == ["", "b", "b.1", "b.0", "a", "a.0", "a.1"]


def test_what_did_not_run_follows_the_sibling_that_is_defined_before_it() -> None:
    order = ExecutionOrder()
    order.observe(["c", "a"])
    structure = structure_of(nn.ModuleDict({name: nn.ReLU() for name in "nabcd"}))
    assert in_order(order, structure) == ["", "n", "c", "d", "a", "b"]


def test_a_container_that_did_not_return_itself_stands_where_its_first_child_ran() -> None:
    order = ExecutionOrder()
    order.observe(["b.0", "a"])
    assert in_order(order, structure_of(containers("a", "b")))[1] == "b"


def test_a_later_step_that_takes_another_branch_keeps_what_is_known_in_place() -> None:
    order = ExecutionOrder()
    structure = structure_of(nn.ModuleDict({name: nn.ReLU() for name in "abcd"}))
    assert order.observe(["b", "a"])
    assert order.observe(["b", "d", "a"])
    assert in_order(order, structure) == ["", "b", "c", "d", "a"]
    assert not order.observe(["a", "b"])
    assert in_order(order, structure) == ["", "b", "c", "d", "a"]


def test_a_structure_knows_whether_the_model_still_has_it() -> None:
    model = CNN()
    structure = structure_of(model)
    assert structure.is_of(model)
    model.fc1[0] = nn.Linear(1024, 64)
    assert not structure.is_of(model)


def test_a_structure_ends_when_a_module_comes_or_goes() -> None:
    model = nn.Sequential(nn.ReLU(), nn.Tanh())
    structure = structure_of(model)
    del model[1]
    assert not structure.is_of(model)
    model.append(nn.Tanh())
    model.append(nn.Tanh())
    assert not structure.is_of(model)


def test_a_structure_ends_when_a_lazy_module_becomes_an_ordinary_one() -> None:
    model = nn.Sequential(nn.LazyLinear(3))
    structure = structure_of(model)
    model(torch.zeros(1, 2))
    assert not structure.is_of(model)
