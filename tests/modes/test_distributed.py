"""Two processes with gloo on this machine: each writes what it has, and the reader joins it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.multiprocessing.spawn import spawn

import tb_layerview
from tb_layerview.log.reader import LogReader
from tests.capture.recorded import assert_same
from tests.modes.small import OUTPUTS, PARAMETERS, SmallNet, seen_by_hooks
from tests.modes.two_processes import LEARNING_RATE, STEPS, WORLD_SIZE, batch_of, main


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("runs")
    spawn(main, (directory,), nprocs=WORLD_SIZE)
    return directory


def expected_of(run: Path, rank: int) -> dict[int, dict[str, torch.Tensor]]:
    loaded: Any = torch.load(run / f"expected.{rank}.pt", weights_only=True)
    assert list(loaded) == list(STEPS)
    return dict(loaded)


@pytest.mark.parametrize("way", ["ddp", "fsdp"])
def test_parameters_are_those_of_the_whole_model_under_the_names_of_the_user(
    runs: Path, way: str
) -> None:
    log = tb_layerview.open(runs / way)
    assert log.problems == []
    gradients = {key.replace("/param", "/grad") for key in PARAMETERS}
    assert set(log.keys()) == {*OUTPUTS, *PARAMETERS, *gradients}
    for rank in range(WORLD_SIZE):
        for step, tensors in expected_of(runs / way, rank).items():
            for key, name in PARAMETERS.items():
                assert_same(log, key, tensors[name], step)
                assert_same(log, key.replace("/param", "/grad"), tensors[f"{name}.grad"], step)


@pytest.mark.parametrize("way", ["ddp", "fsdp"])
def test_updates_are_those_of_the_whole_parameter(runs: Path, way: str) -> None:
    log = tb_layerview.open(runs / way)
    expected = expected_of(runs / way, 0)
    updates, ratios = log.stats("update_rms"), log.stats("update_ratio")
    for key, name in PARAMETERS.items():
        row = log.keys().index(key)
        for place, (step, tensors) in enumerate(expected.items()):
            weight, gradient = (tensors[which].double() for which in (name, f"{name}.grad"))
            # What plain SGD adds to a weight.
            update = (LEARNING_RATE * gradient).square().mean().sqrt().item()
            assert update > 0
            assert updates[row, place] == pytest.approx(update, rel=1e-4), (key, step)
            ratio = update / weight.square().mean().sqrt().item()
            assert ratios[row, place] == pytest.approx(ratio, rel=1e-4), (key, step)


@pytest.mark.parametrize("way", ["ddp", "fsdp"])
def test_outputs_are_those_of_rank_0_and_their_statistics_those_of_both_batches(
    runs: Path, way: str
) -> None:
    log = tb_layerview.open(runs / way)
    for place, (step, state) in enumerate(expected_of(runs / way, 0).items()):
        model = SmallNet()
        model.load_state_dict({name: state[name] for name in PARAMETERS.values()})
        seen = [seen_by_hooks(model, batch_of(rank, step)) for rank in range(WORLD_SIZE)]
        for row, key in enumerate(log.keys()):
            if key in OUTPUTS:
                assert_same(log, key, seen[0][key], step)
                both = torch.cat([outputs[key] for outputs in seen]).double()
                assert log.stats("count")[row, place] == both.numel()
                assert log.stats("mean")[row, place] == pytest.approx(both.mean().item())
                assert log.stats("std")[row, place] == pytest.approx(both.std(correction=0).item())
                assert log.stats("max")[row, place] == both.max()
                assert log[key].histogram()[place].sum() == both.numel()


@pytest.mark.parametrize("way", ["ddp", "fsdp"])
def test_a_recorded_training_has_the_bits_of_one_that_is_not(runs: Path, way: str) -> None:
    assert LogReader(runs / f"{way} plain").steps == []
    for rank in range(WORLD_SIZE):
        recorded, plain = (expected_of(runs / run, rank) for run in (way, f"{way} plain"))
        for step in STEPS:
            assert recorded[step].keys() == plain[step].keys()
            for name, tensor in recorded[step].items():
                assert torch.equal(tensor, plain[step][name]), (rank, step, name)


def test_a_shard_knows_its_place_in_the_whole(runs: Path) -> None:
    log = tb_layerview.open(runs / "fsdp")
    weight = log["first/param.weight"].at(0)
    assert weight.shape == (8, 6)
    whole = expected_of(runs / "fsdp", 0)[0]["first.weight"].numpy()
    np.testing.assert_array_equal(weight[3:5, ::-2], whole[3:5, ::-2])
    ranks = list((runs / "fsdp").rglob("*.lvlog"))
    assert sorted(path.name.split(".")[3] for path in ranks) == ["rank0", "rank1"]


def test_shards_along_any_axis_and_of_unequal_lengths_are_joined(runs: Path) -> None:
    torch.manual_seed(0)
    whole = torch.nn.Linear(5, 3)
    log = tb_layerview.open(runs / "columns")
    assert_same(log, "/param.weight", whole.weight)
    assert_same(log, "/param.bias", whole.bias)


@pytest.mark.parametrize("way", ["ddp", "fsdp", "columns"])
def test_only_rank_0_begins_an_event_file(runs: Path, way: str) -> None:
    assert len(list((runs / way).glob("*tfevents*"))) == 1


def test_without_the_file_of_a_rank_its_shards_leave_gaps_with_a_sentence(
    runs: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "plugins" / "layerview"
    folder.mkdir(parents=True)
    for segment in (runs / "fsdp").rglob("*.rank0.*.lvlog"):
        (folder / segment.name).write_bytes(segment.read_bytes())
    log = LogReader(tmp_path)
    assert log["first/param.weight"].steps == []
    assert log["first/output"].steps == list(STEPS)
    (problem,) = log.problems
    assert "not recorded by rank 1 of 2" in problem
    with pytest.raises(tb_layerview.NotFoundError, match="the shards of all ranks"):
        log["first/param.weight"].at(0)
