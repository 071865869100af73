"""Outputs that are copied into places found ahead are those of any other training."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

import tb_layerview
from tb_layerview import LayerView
from tb_layerview.capture.staging import SLAB_BYTES, Staging
from tb_layerview.capture.tensors import look_of
from tests.capture.recorded import assert_same, keys

BATCHES = (4, 4, 4, 6, 6, 3)
WIDTH = 200
"""So wide that the outputs of some batches have buffers of their own, and of others have not."""


class Changing(nn.Module):
    """Calls a layer twice, works in place, returns what it was given, and leaves a layer out."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(WIDTH, WIDTH)
        self.act = nn.ReLU(inplace=True)
        self.same = nn.Identity()
        self.some = nn.Tanh()
        self.step = 0

    def forward(self, values: Tensor) -> Tensor:
        values = self.act(self.first(values))
        values = self.same(self.first(values))
        if self.step % 2:
            values = self.some(values)
        self.step += 1
        return values


def test_outputs_of_steps_that_differ_are_what_a_plain_hook_sees(run: Path) -> None:
    torch.manual_seed(0)
    model = Changing()
    seen: list[dict[str, Tensor]] = []

    def note(name: str, output: Tensor) -> None:
        calls = sum(key.partition("#")[0] == name for key in seen[-1])
        seen[-1][f"{name}#{calls}" if calls else name] = output.detach().clone()

    for name in ("first", "act", "same", "some"):
        model.get_submodule(name).register_forward_hook(
            lambda _module, _args, output, key=f"{name}/output": note(key, output)
        )
    with LayerView(
        model, run, layers=["first", "act", "same", "some"], kinds=("output",), samples=6
    ) as view:
        for step, batch in enumerate(BATCHES):
            seen.append({})
            inputs = torch.randn(batch, 30, WIDTH)
            with view.step(step, inputs=inputs):
                model(inputs)
            view.flush()
    log = tb_layerview.open(run)
    assert log.steps == list(range(len(BATCHES)))
    for step, outputs in enumerate(seen):
        of_step = {key for key in keys(log) if step in log[key].steps and "/output" in key}
        assert of_step == set(outputs)
        for key, output in outputs.items():
            assert_same(log, key, output, step)


def test_what_was_kept_ahead_for_another_batch_makes_room_for_this_one(run: Path) -> None:
    """Memory for one step of either batch, not for both."""
    model = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.Tanh())
    nbytes = 4 * 600 * WIDTH
    with LayerView(model, run, kinds=("output",), queue_bytes=3 * nbytes + SLAB_BYTES) as view:
        for step, batch in enumerate((600, 600, 550, 550, 600)):
            with view.step(step):
                model(torch.randn(batch, WIDTH))
            view.flush()
    log = tb_layerview.open(run)
    assert (log.steps, log.skipped) == ([0, 1, 2, 3, 4], 0)


def test_what_is_kept_ahead_is_memory_of_the_step_until_it_is_given_back() -> None:
    owner, like = nn.Linear(1, 1), torch.zeros(1000, 1000)
    staging = Staging(2 * like.nbytes)
    first = staging.lease()
    assert first.place(like) is not None
    first.release()
    lease = staging.lease()
    # Of these two there is memory at hand for one.
    lease.place_ahead([(owner, [look_of(like)] * 2)])
    assert (len(lease.ahead[owner]), lease.needed) == (1, staging.size_of(like.nbytes))
    lease.drop_ahead()
    assert (lease.ahead, lease.needed) == ({}, 0)
    assert lease.place(like) is not None
