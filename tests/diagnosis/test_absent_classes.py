"""Classes that a training never asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

import tb_layerview
from tb_layerview import LayerView

CLASSES: Final = 3
STEPS: Final = 64
LABELS: Final = ("cat", "dog", "cow")

Batch = tuple[Tensor, Tensor]


def said(run: Path, batches: list[Batch]) -> list[str]:
    """What the rule says of a training with these inputs and targets."""
    model = nn.Linear(4, CLASSES)
    with LayerView(model, run, kinds=("output",), labels=LABELS) as view:
        for step, (inputs, targets) in enumerate(batches):
            with view.step(step, inputs=inputs, targets=targets):
                model(inputs)
    found = tb_layerview.open(run).findings()
    return [finding.message for finding in found if finding.rule == "absent_class"]


def drawn(low: int, high: int) -> list[Batch]:
    """Batches with targets from ``low`` to below ``high``."""
    torch.manual_seed(0)
    return [(torch.randn(4, 4), torch.randint(low, high, (4,))) for _ in range(STEPS)]


def test_labels_that_are_counted_from_one_leave_the_first_class_out(tmp_path: Path) -> None:
    (message,) = said(tmp_path, drawn(1, 3))
    assert message.startswith("Class cat is the target of none of")


def test_classes_that_all_come_are_not_spoken_of(tmp_path: Path) -> None:
    assert said(tmp_path, drawn(0, CLASSES)) == []


def test_one_batch_again_and_again_does_not_say_what_the_others_hold(tmp_path: Path) -> None:
    assert said(tmp_path, drawn(1, 3)[:1] * STEPS) == []


def test_samples_that_stay_while_the_rest_of_the_batch_changes_count_once(tmp_path: Path) -> None:
    (kept, targets), *_ = drawn(1, 3)
    rest = [(torch.randn(8, 4), torch.randint(0, CLASSES, (8,))) for _ in range(STEPS)]
    batches = [(torch.cat([kept, i]), torch.cat([targets, t])) for i, t in rest]
    assert said(tmp_path, batches) == []


def test_too_few_samples_for_a_class_to_be_missed_say_nothing(tmp_path: Path) -> None:
    assert said(tmp_path, drawn(1, 3)[:5]) == []


def test_targets_that_are_no_classes_say_nothing(tmp_path: Path) -> None:
    assert said(tmp_path, [(inputs, torch.rand(4, CLASSES)) for inputs, _ in drawn(1, 3)]) == []
