"""The demo's script, run as a user does."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import tb_layerview
from demo.digits import bundled_digits
from demo.model import CNN
from demo.train import main, negative_log_likelihood
from tests.demo.mnist_files import write_mnist

TRAINING_SECONDS = 600
STEPS, EVERY = 300, 6  # the defaults


@dataclass(frozen=True)
class Trained:
    folder: Path
    printed: str


def run_script(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "demo.train", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=TRAINING_SECONDS,
        check=False,
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = tmp_path_factory.mktemp("runs") / "demo"
    done = run_script("--logdir", folder)
    assert done.returncode == 0, done.stderr
    return Trained(folder, done.stdout)


def test_the_model_names_more_than_95_percent_of_the_test_digits(trained: Trained) -> None:
    reached = re.search(r"test accuracy ([\d.]+)% after 300 steps", trained.printed)
    assert reached is not None, trained.printed
    assert float(reached[1]) > 95.0


def test_progress_is_shown_on_the_way(trained: Trained) -> None:
    line = re.compile(r"^step +(\d+) of 300: loss [\d.]+, test accuracy [\d.]+%$", re.MULTILINE)
    steps = line.findall(trained.printed)
    assert [int(step) for step in steps] == list(range(0, STEPS, 50))


def test_between_40_and_60_steps_are_recorded(trained: Trained) -> None:
    steps = tb_layerview.open(trained.folder).steps
    assert steps == list(range(0, STEPS, EVERY))
    assert 40 <= len(steps) <= 60


def test_weights_biases_and_outputs_have_pytorchs_shapes(trained: Trained) -> None:
    log = tb_layerview.open(trained.folder)
    shapes = {key: log[key].at(0)[...].shape for key in log.keys()}  # noqa: SIM118
    for path, parameter in CNN().named_parameters():
        module, _, name = path.rpartition(".")
        assert shapes[f"{module}/param.{name}"] == tuple(parameter.shape)
    assert shapes["conv1.0/output"] == (4, 32, 28, 28)
    assert shapes["conv2.0/output"] == (4, 64, 12, 12)
    assert shapes["pool2/output"] == (4, 64, 6, 6)
    assert shapes["conv3.1/output"] == (4, 64, 4, 4)
    assert shapes["fc1.1/output"] == (4, 64)
    assert shapes["fc_final.1/output"] == (4, 10)


def test_the_first_step_holds_the_weights_with_which_the_seed_begins(trained: Trained) -> None:
    torch.manual_seed(0)
    log, untrained = tb_layerview.open(trained.folder), CNN().state_dict()
    for path, tensor in untrained.items():
        module, _, name = path.rpartition(".")
        np.testing.assert_array_equal(log[f"{module}/param.{name}"].at(0)[...], tensor.numpy())


def test_the_same_digits_lead_every_recorded_batch(trained: Trained) -> None:
    training, _ = bundled_digits(seed=0)
    log = tb_layerview.open(trained.folder)
    for step in (0, 150, 294):
        recorded = log["/sample.inputs"].at(step)[...]
        np.testing.assert_array_equal(recorded, training.images[:4].numpy())
        assert log["/sample.targets"].at(step)[...].tolist() == training.labels[:4].tolist()
        np.testing.assert_array_equal(
            log["/sample.predictions"].at(step)[...], log["fc_final.1/output"].at(step)[...]
        )


def test_loss_and_accuracy_are_scalars_of_the_same_run(trained: Trained) -> None:
    events = EventAccumulator(str(trained.folder), size_guidance={"scalars": 0})
    events.Reload()
    losses = events.Scalars("loss/training")
    assert [event.step for event in losses] == list(range(STEPS))
    assert losses[-1].value < losses[0].value / 10
    assert [event.step for event in events.Scalars("accuracy/testing")][-1] == STEPS


def test_mnist_files_are_trained_on(tmp_path: Path) -> None:
    write_mnist(tmp_path, training=150, testing=20, compressed=True)
    run = tmp_path / "run"
    done = run_script("--mnist", tmp_path, "--logdir", run, "--steps", "3", "--every", "1")
    assert done.returncode == 0, done.stderr
    assert "150 digits to train with, 20 to test with" in done.stdout
    assert tb_layerview.open(run).steps == [0, 1, 2]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--steps", "0"], "expected a whole number from 1, received '0'"),
        (["--every", "often"], "expected a whole number from 1, received 'often'"),
        (["--mnist", "/nonexistent"], "/nonexistent: expected a file train-images-idx3-ubyte"),
    ],
)
def test_arguments_that_cannot_be_used_are_refused(
    arguments: list[str],
    complaint: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["demo.train", *arguments])
    with pytest.raises(SystemExit) as refusal:
        main()
    assert refusal.value.code == 2
    assert complaint in capsys.readouterr().err


def test_the_loss_is_pytorchs_cross_entropy_of_the_logits() -> None:
    logits, labels = torch.randn(6, 10, generator=torch.Generator().manual_seed(0)), torch.arange(6)
    ours = negative_log_likelihood(logits.softmax(dim=1), labels)
    torch.testing.assert_close(ours, torch.nn.functional.cross_entropy(logits, labels))


def test_the_loss_is_finite_where_the_right_class_is_given_no_chance() -> None:
    ours = negative_log_likelihood(torch.tensor([[0.0, 1.0]]), torch.tensor([0]))
    assert torch.isfinite(ours)
