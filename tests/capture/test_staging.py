from __future__ import annotations

import threading

import numpy as np
import pytest
import torch

from tb_layerview.capture.staged import Staged
from tb_layerview.capture.staging import ALIGNMENT_BYTES, SLAB_BYTES, Lease, Staging

MIB = 1 << 20


def placed(lease: Lease, tensor: torch.Tensor) -> Staged:
    staged = lease.place(tensor)
    assert staged is not None
    staged.target.copy_(tensor)
    return staged


def address(staged: Staged) -> int:
    return staged.target.data_ptr()


@pytest.mark.parametrize("shape", [(), (0,), (3,), (5, 7), (300, 400)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bool, torch.int16, torch.complex128])
def test_numpy_reads_what_pytorch_wrote(shape: tuple[int, ...], dtype: torch.dtype) -> None:
    tensor = (torch.randn(shape) * 10).to(dtype)
    staged = placed(Staging(64 * MIB).lease(), tensor)
    assert staged.elements.flags.c_contiguous
    np.testing.assert_array_equal(staged.elements, tensor.numpy())


def test_tensors_of_a_step_are_aligned_and_do_not_overlap() -> None:
    lease = Staging(64 * MIB).lease()
    sizes = [1, 3, 64, 65, 1000, 0, SLAB_BYTES // 4, SLAB_BYTES // 4 + 1, SLAB_BYTES, 7, MIB]
    tensors = [torch.full((size,), index, dtype=torch.uint8) for index, size in enumerate(sizes)]
    copies = [placed(lease, tensor) for tensor in tensors * 3]
    for staged, tensor in zip(copies, tensors * 3, strict=True):
        assert torch.equal(staged.target, tensor)
        assert tensor.numel() == 0 or address(staged) % ALIGNMENT_BYTES == 0


def test_memory_comes_back_and_the_same_is_handed_out_again() -> None:
    staging = Staging(64 * MIB)
    tensors = [torch.randn(10), torch.randn(1000, 1000), torch.randn(3, 3), torch.randn(500, 500)]
    first = staging.lease()
    before = [address(placed(first, tensor)) for tensor in tensors]
    first.release()
    second = staging.lease()
    assert [address(placed(second, tensor)) for tensor in tensors] == before


def test_steps_that_are_not_released_never_share_memory() -> None:
    staging = Staging(64 * MIB)
    first = placed(staging.lease(), torch.zeros(1000, 1000))
    placed(staging.lease(), torch.ones(1000, 1000))
    assert not first.elements.any()


def test_a_batch_of_a_slightly_other_length_uses_the_same_buffer() -> None:
    staging = Staging(64 * MIB)
    first = staging.lease()
    before = address(placed(first, torch.zeros(1000, 1000)))
    first.release()
    assert address(placed(staging.lease(), torch.zeros(990, 1000))) == before


@pytest.mark.parametrize("nbytes", [SLAB_BYTES + 1, 1_000_000, 2**22, 2**22 + 1, 40_000_000])
def test_at_most_an_eighth_of_a_large_buffer_is_wasted(nbytes: int) -> None:
    size = Staging(1 << 30).size_of(nbytes)
    assert nbytes <= size <= nbytes * 1.125


def test_what_does_not_fit_is_refused_and_what_was_needed_is_counted() -> None:
    lease = Staging(4 * MIB).lease()
    assert lease.place(torch.empty(3 * MIB, dtype=torch.uint8)) is not None
    assert lease.place(torch.empty(3 * MIB, dtype=torch.uint8)) is None
    assert lease.full
    assert lease.place(torch.empty(1, dtype=torch.uint8)) is None
    assert lease.needed == 6 * MIB + SLAB_BYTES


def test_a_tensor_of_just_the_capacity_fits() -> None:
    capacity = 5_000_001
    lease = Staging(capacity).lease()
    assert lease.place(torch.empty(capacity, dtype=torch.uint8)) is not None
    assert not lease.full


def test_a_capacity_below_that_of_a_slab_still_takes_small_tensors() -> None:
    lease = Staging(1000).lease()
    assert placed(lease, torch.arange(10)).elements.tolist() == list(range(10))
    assert not lease.full


def test_idle_memory_of_other_sizes_makes_room_for_what_is_needed_now() -> None:
    staging = Staging(4 * MIB)
    for size in (3, 2, 4):
        lease = staging.lease()
        placed(lease, torch.zeros(size * MIB, dtype=torch.uint8))
        lease.release()


def test_who_may_wait_gets_the_memory_that_another_gives_back() -> None:
    staging = Staging(4 * MIB)
    tensor = torch.zeros(3 * MIB, dtype=torch.uint8)
    first = staging.lease()
    placed(first, tensor)
    timer = threading.Timer(0.05, first.release)
    timer.start()
    assert staging.lease(wait_while=lambda: True).place(tensor) is not None
    timer.join()


def test_nobody_waits_for_memory_that_cannot_come_back() -> None:
    staging = Staging(4 * MIB)
    tensor = torch.zeros(3 * MIB, dtype=torch.uint8)
    alone = staging.lease(wait_while=lambda: True)
    placed(alone, tensor)
    assert alone.place(tensor) is None
    abandoned = staging.lease(wait_while=lambda: False)
    assert abandoned.place(tensor) is None


def test_there_is_room_when_nothing_is_in_use_or_enough_is_left() -> None:
    staging = Staging(4 * MIB)
    assert staging.has_room(100 * MIB)
    lease = staging.lease()
    placed(lease, torch.zeros(3 * MIB, dtype=torch.uint8))
    assert staging.has_room(MIB)
    assert not staging.has_room(MIB + 1)
    lease.release()
    assert staging.has_room(100 * MIB)
