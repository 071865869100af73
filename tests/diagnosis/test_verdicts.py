"""What was answered to each sample, beside PyTorch's own scores and NumPy's own comparisons."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import tb_layerview
from tb_layerview import LayerView
from tb_layerview.diagnosis.judging import Verdict, judge
from tb_layerview.diagnosis.verdicts import spread_steps

GENERATOR = torch.Generator().manual_seed(0)
LOGITS = torch.randn(6, 4, generator=GENERATOR)
CLASSES = torch.tensor([0, 1, 2, 3, 0, -100])


def told(targets: torch.Tensor | None, predictions: torch.Tensor | None) -> list[Verdict]:
    return judge(*(None if each is None else each.numpy() for each in (targets, predictions)))[1]


def task(targets: torch.Tensor, predictions: torch.Tensor) -> str:
    return judge(targets.numpy(), predictions.numpy())[0]


@pytest.mark.parametrize("given", ["logits", "probabilities", "log-probabilities"])
def test_classes_have_the_confidence_of_the_softmax_whatever_of_it_was_given(given: str) -> None:
    probabilities = LOGITS.softmax(dim=1)
    scores = {
        "logits": LOGITS,
        "probabilities": probabilities,
        "log-probabilities": LOGITS.log_softmax(dim=1),
    }[given]
    for row, found in enumerate(told(CLASSES, scores)):
        answer = int(LOGITS[row].argmax())
        assert found.answer == (answer,)
        assert found.confidence == pytest.approx(float(probabilities[row, answer]), abs=1e-5)
        target = int(CLASSES[row])
        if target < 0:
            # PyTorch's ignore_index is no class.
            assert (found.target, found.right, found.of_target) == (None, None, None)
        else:
            assert (found.target, found.right) == ((target,), answer == target)
            assert found.of_target == pytest.approx(float(probabilities[row, target]), abs=1e-5)


def test_one_score_for_two_classes_is_the_sigmoid_of_a_logit() -> None:
    logits, targets = torch.tensor([[2.0], [-1.0], [0.5]]), torch.tensor([[1.0], [1.0], [0.0]])
    found = told(targets, logits)
    assert [each.right for each in found] == [True, False, False]
    assert [each.answer for each in found] == [(1,), (0,), (1,)]
    confidences = torch.maximum(logits.sigmoid(), 1 - logits.sigmoid())[:, 0].tolist()
    assert [each.confidence for each in found] == pytest.approx(confidences)
    assert [each.of_target for each in found] == pytest.approx(
        torch.where(targets == 1, logits.sigmoid(), 1 - logits.sigmoid())[:, 0].tolist()
    )


def test_classes_may_come_one_hot_or_as_shares_and_answers_as_classes() -> None:
    one_hot = nn.functional.one_hot(torch.tensor([2, 0, 1]), 4)
    expected = [int(row.argmax()) for row in LOGITS[:3]]
    assert task(one_hot, LOGITS[:3]) == "classes"
    assert [each.target for each in told(one_hot.float() * 0.9 + 0.025, LOGITS[:3])] == [
        (2,),
        (0,),
        (1,),
    ]
    found = told(torch.tensor([2, 0, 1]), torch.tensor(expected))
    assert [each.right for each in found] == [
        a == b for a, b in zip(expected, [2, 0, 1], strict=True)
    ]
    assert {each.confidence for each in found} == {None}


def test_several_labels_at_once_are_right_if_all_are() -> None:
    targets = torch.tensor([[1, 0, 1], [0, 0, 0], [1, 1, 1]])
    logits = torch.tensor([[3.0, -2.0, 1.0], [-1.0, 0.5, -4.0], [2.0, 2.0, -0.1]])
    assert task(targets, logits) == "labels"
    found = told(targets, logits)
    assert [each.target for each in found] == [(0, 2), (), (0, 1, 2)]
    assert [each.answer for each in found] == [(0, 2), (1,), (0, 1)]
    assert [each.right for each in found] == [True, False, False]
    assert [each.error for each in found] == [0.0, 1.0, 1.0]
    assert found[0].confidence == pytest.approx(float(torch.tensor(1.0).sigmoid()))


@pytest.mark.parametrize("shape", [(), (5,), (1, 8, 8)])
def test_numbers_have_an_error_and_no_verdict(shape: tuple[int, ...]) -> None:
    targets, answers = (torch.randn(3, *shape, generator=GENERATOR) for _ in range(2))
    assert task(targets, answers) == "numbers"
    found = told(targets, answers)
    errors = (targets - answers).reshape(3, -1).double().square().mean(dim=1).sqrt()
    assert [each.error for each in found] == pytest.approx(errors.tolist())
    assert {(each.right, each.answer) for each in found} == {(None, None)}


@pytest.mark.parametrize("classes_last", [False, True])
def test_of_pixels_and_tokens_the_share_of_wrong_ones_is_told(classes_last: bool) -> None:
    scores = torch.randn(2, 5, 6, 7, generator=GENERATOR)
    targets = torch.randint(0, 5, (2, 6, 7), generator=GENERATOR)
    targets[0, :3] = 255  # what a data set ignores
    given = scores.movedim(1, -1) if classes_last else scores
    assert task(targets, given) == "places"
    wrong = (scores.argmax(dim=1) != targets).double()
    counted = targets < 5
    expected = [(wrong[i][counted[i]]).mean().item() for i in range(2)]
    assert [each.error for each in told(targets, given)] == pytest.approx(expected)


def test_a_mask_is_judged_pixel_by_pixel() -> None:
    masks = torch.randint(0, 2, (2, 1, 6, 7), generator=GENERATOR).float()
    logits = torch.randn(2, 1, 6, 7, generator=GENERATOR)
    assert task(masks, logits) == "places"
    wrong = ((logits >= 0).float() != masks).double().flatten(1).mean(dim=1)
    assert [each.error for each in told(masks, logits)] == pytest.approx(wrong.tolist())


def test_a_pixel_whose_scores_are_nan_is_wrong_also_where_the_first_class_is_right() -> None:
    targets = torch.zeros(1, 2, 2, dtype=torch.int64)
    scores = torch.zeros(1, 3, 2, 2)
    scores[:, 0] = 1.0
    assert told(targets, scores)[0].error == 0.0
    scores[0, 2, 0, 1] = torch.nan
    scores[0, 0, 0, 1] = torch.nan
    assert told(targets, scores)[0].error == 0.25
    mask = torch.full((1, 1, 2, 2), -5.0)
    mask[0, 0, 1, 1] = torch.nan
    assert task(targets[:, None].float(), mask) == "places"
    assert told(targets[:, None].float(), mask)[0].error == 0.25


def test_what_is_not_known_is_not_judged() -> None:
    assert told(None, None) == []
    assert told(CLASSES[:2], None) == [Verdict(target=(0,)), Verdict(target=(1,))]
    assert told(None, LOGITS) == [Verdict()] * 6
    assert told(None, LOGITS.softmax(1))[0].answer == (int(LOGITS[0].argmax()),)
    assert judge(np.zeros((3, 2, 2)), np.zeros((3, 5)))[0] == "unknown"
    assert told(CLASSES[:1], torch.full((1, 4), torch.nan)) == [Verdict(target=(0,))]
    assert told(CLASSES[:1], torch.tensor([[torch.inf, 0, 0, 0]]))[0].right is True


def test_a_log_tells_verdicts_over_its_steps(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(5, 3))
    inputs, targets = torch.randn(4, 5), torch.tensor([0, 1, 2, 0])
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    right = {}
    with LayerView(model, tmp_path) as view:
        for step in range(6):
            with view.step(step, inputs=inputs, targets=targets) as recording:
                logits = model(inputs)
                if step != 3:
                    recording.predictions({"logits": logits})
                right[step] = (logits.argmax(dim=1) == targets).tolist()
                nn.functional.cross_entropy(logits, targets).backward()
            optimizer.step()
            optimizer.zero_grad()
    log = tb_layerview.open(tmp_path)
    found = {each.step: each for each in log.verdicts()}
    assert list(found) == log.steps
    right[3] = [None] * 4
    assert {step: [v.right for v in each.verdicts] for step, each in found.items()} == right
    assert [each.step for each in log.verdicts([5, 0])] == [5, 0]
    assert spread_steps(log, 3) == [0, 2, 5]
    with pytest.raises(tb_layerview.NotFoundError, match="the nearest is 5"):
        log.verdicts([9])


@pytest.mark.parametrize(
    ("targets", "predictions"),
    [((3,), (3, 0)), ((3, 0), (3, 0)), ((3, 2), (3, 0, 2)), ((0,), (0, 4))],
)
def test_predictions_without_elements_are_no_answers(
    targets: tuple[int, ...], predictions: tuple[int, ...]
) -> None:
    found = told(torch.zeros(targets, dtype=torch.int64), torch.zeros(predictions))
    assert all(each.answer is None and each.right is None for each in found)


def test_of_more_labels_than_can_be_borne_it_is_told_how_many_are_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    targets = torch.tensor([[1, 1, 0], [0, 1, 0]])
    logits = torch.tensor([[1.0, -1.0, -1.0], [-1.0, 1.0, 1.0]])
    assert [each.answer for each in told(targets, logits)] == [(0,), (1, 2)]
    # Three targets and three answers hold.
    monkeypatch.setattr("tb_layerview.diagnosis.judging.MAX_LABELS", 5)
    found = told(targets, logits)
    assert [(each.target, each.answer) for each in found] == [(None, None)] * 2
    assert [each.error for each in found] == [1.0, 1.0]


def test_fewer_steps_are_spread_where_earlier_ones_were_larger_than_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = nn.Sequential(nn.Linear(2, 2))
    with LayerView(model, tmp_path, samples=8) as view:
        for step, batch in enumerate((8, 8, 8, 8, 1)):
            inputs = torch.zeros(batch, 2)
            with view.step(step, inputs=inputs, targets=torch.zeros(batch, dtype=torch.int64)):
                model(inputs)
    log = tb_layerview.open(tmp_path)
    # 33 targets in all; the schema tells of one sample.
    assert spread_steps(log, 5) == [0, 1, 2, 3, 4]
    monkeypatch.setattr("tb_layerview.diagnosis.verdicts.MAX_ELEMENTS_OF_ALL", 20)
    assert spread_steps(log, 5) == [0, 2, 4]
    monkeypatch.setattr("tb_layerview.diagnosis.verdicts.MAX_STEPS", 2)
    assert spread_steps(log, 5) == [0, 4]


def test_damaged_predictions_are_said_and_those_that_go_are_asked_for_again(
    tmp_path: Path,
) -> None:
    model, inputs = nn.Sequential(nn.Linear(2, 2)), torch.zeros(2, 2)
    with LayerView(model, tmp_path) as view, view.step(0, inputs=inputs) as recording:
        recording.predictions(torch.softmax(model(inputs), dim=1))
    (segment,) = (tmp_path / "plugins" / "layerview").glob("*.lvlog")
    data = bytearray(segment.read_bytes())
    # The key begins the last record; its elements end it.
    for byte in range(bytes(data).rindex(b"/sample.predictions"), len(data)):
        data[byte] ^= 1
    log = tb_layerview.open(tmp_path)
    segment.write_bytes(data)
    assert log.verdicts([0])[0].task == "unknown"
    assert any("/sample.predictions" in problem for problem in log.problems)
    segment.unlink()
    with pytest.raises(tb_layerview.NotFoundError, match="refresh the log"):
        log.verdicts([0])
