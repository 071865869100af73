"""The way from an accelerator to the host, against a device that writes down what it is told."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch

from tb_layerview.capture import devices, lanes
from tb_layerview.capture.devices import Transfers
from tb_layerview.capture.lanes import Lane

DEVICE = torch.device("cuda", 0)


class FakeStream:
    def __init__(self, log: list[str], name: str) -> None:
        self.log = log
        self.name = name

    def wait_stream(self, other: FakeStream) -> None:
        self.log.append(f"{self.name} waits for {other.name}")


class FakeEvent:
    def __init__(self, log: list[str], *, blocking: bool) -> None:
        assert blocking  # or else who waits for it keeps a processor busy
        self.log = log
        self.is_done = False

    def record(self, stream: FakeStream) -> None:
        self.log.append(f"event in {stream.name}")

    def query(self) -> bool:
        return self.is_done

    def synchronize(self) -> None:
        self.is_done = True
        self.log.append("the host waits for the event")


class FakeCuda:
    """Streams and events as in ``torch.cuda``; ``log`` is what was asked of them, in order."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.training = FakeStream(self.log, "training")
        self.is_capturing = False
        self.is_full = False
        self.running = "training"
        self.clones: list[weakref.ref[FakeTensor]] = []

    def Stream(self, device: torch.device) -> FakeStream:  # noqa: N802 - as torch.cuda has it
        assert device == DEVICE
        return FakeStream(self.log, "side")

    def Event(self, *, blocking: bool) -> FakeEvent:  # noqa: N802 - as torch.cuda has it
        return FakeEvent(self.log, blocking=blocking)

    def current_stream(self, device: torch.device) -> FakeStream:
        assert device == DEVICE
        return self.training

    def is_current_stream_capturing(self) -> bool:
        return self.is_capturing

    @contextmanager
    def stream(self, stream: FakeStream) -> Iterator[None]:
        self.running = stream.name
        yield
        self.running = "training"


class FakeTensor:
    """As much of a tensor on a device as a copy of it needs."""

    def __init__(self, cuda: FakeCuda, name: str, nbytes: int = 4) -> None:
        self.cuda = cuda
        self.name = name
        self.nbytes = nbytes
        self.device = DEVICE

    def clone(self) -> FakeTensor:
        if self.cuda.is_full:
            raise torch.cuda.OutOfMemoryError
        self.cuda.log.append(f"clone {self.name} in {self.cuda.running}")
        clone = FakeTensor(self.cuda, f"clone of {self.name}", self.nbytes)
        self.cuda.clones.append(weakref.ref(clone))
        return clone

    def copy_(self, source: FakeTensor, *, non_blocking: bool) -> None:
        assert non_blocking
        self.cuda.log.append(f"copy {source.name} in {self.cuda.running}")

    def data_ptr(self) -> int:
        return id(self)

    def record_stream(self, stream: FakeStream) -> None:
        self.cuda.log.append(f"{self.name} is in use by {stream.name}")


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> FakeCuda:
    fake = FakeCuda()
    monkeypatch.setattr(devices, "_lanes", {DEVICE: Lane(DEVICE, fake)})
    return fake


def copy(transfers: Any, cuda: FakeCuda, name: str, nbytes: int = 4) -> None:  # noqa: ANN401 - takes fakes
    transfers.copy(FakeTensor(cuda, "host"), FakeTensor(cuda, name, nbytes))


def test_the_training_thread_clones_and_leaves_the_rest_to_the_side_stream(cuda: FakeCuda) -> None:
    transfers = Transfers()
    copy(transfers, cuda, "output")
    copy(transfers, cuda, "weight")
    assert cuda.log == ["clone output in training", "clone weight in training"]
    transfers.sent()
    assert cuda.log[2:] == [
        "side waits for training",
        "copy clone of output in side",
        "copy clone of weight in side",
        "event in side",
    ]


def test_what_is_large_enough_to_be_worth_a_way_of_its_own_is_sent_at_once(
    cuda: FakeCuda, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "BATCH_BYTES", 10)
    transfers = Transfers()
    copy(transfers, cuda, "first", 6)
    copy(transfers, cuda, "second", 6)
    assert cuda.log[-1] == "event in side"
    copy(transfers, cuda, "third", 6)
    assert cuda.log[-1] == "clone third in training"


def test_each_stream_that_something_was_computed_in_is_waited_for(cuda: FakeCuda) -> None:
    transfers = Transfers()
    copy(transfers, cuda, "output")
    cuda.training = FakeStream(cuda.log, "another")
    copy(transfers, cuda, "gradient")
    transfers.sent()
    assert cuda.log[2:4] == ["side waits for training", "side waits for another"]


def test_clones_live_until_they_have_arrived_and_no_longer(cuda: FakeCuda) -> None:
    transfers = Transfers()
    copy(transfers, cuda, "output")
    clone = cuda.clones[0]
    transfers.sent()
    assert clone() is not None
    transfers.wait()
    assert clone() is None


def test_what_is_abandoned_is_not_copied_and_leaves_its_room(
    cuda: FakeCuda, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "DEVICE_BYTES", 10)
    transfers = Transfers()
    copy(transfers, cuda, "first", 8)
    transfers.abandon()
    copy(transfers, cuda, "second", 8)
    assert cuda.log == ["clone first in training", "clone second in training"]


def test_copies_that_were_not_sent_are_not_waited_for_in_vain(cuda: FakeCuda) -> None:
    transfers = Transfers()
    copy(transfers, cuda, "output")
    with pytest.raises(RuntimeError, match="was not sent"):
        transfers.wait()


def test_where_the_device_is_full_its_training_stream_waits_for_the_copy(cuda: FakeCuda) -> None:
    cuda.is_full = True
    transfers = Transfers()
    copy(transfers, cuda, "output")
    assert cuda.log[-1] == "output is in use by side"
    assert "training waits for side" in cuda.log


def test_only_who_reads_the_copies_waits_and_only_once(cuda: FakeCuda) -> None:
    transfers = Transfers()
    for name in ("first", "second"):
        copy(transfers, cuda, name)
    transfers.sent()
    copy(transfers, cuda, "third")
    transfers.sent()
    assert "the host waits for the event" not in cuda.log
    transfers.wait()
    transfers.wait()
    assert cuda.log.count("the host waits for the event") == 2
    assert cuda.log.count("event in side") == 2


def test_without_room_on_the_device_its_training_stream_waits_for_the_copy(
    cuda: FakeCuda, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "DEVICE_BYTES", 10)
    transfers = Transfers()
    copy(transfers, cuda, "first", 8)
    transfers.sent()
    cuda.log.clear()
    copy(transfers, cuda, "second", 8)
    assert cuda.log == [
        "side waits for training",
        "copy second in side",
        "event in side",
        "training waits for side",
        "second is in use by side",
    ]
    transfers.wait()
    cuda.log.clear()
    copy(transfers, cuda, "third", 8)
    assert cuda.log[0] == "clone third in training"


def test_nothing_is_copied_out_of_a_graph_that_is_being_captured(cuda: FakeCuda) -> None:
    cuda.is_capturing = True
    with pytest.raises(RuntimeError, match="CUDA graph"):
        copy(Transfers(), cuda, "output")
    assert cuda.log == []


def test_tensors_of_the_host_are_copied_at_once(cuda: FakeCuda) -> None:
    transfers = Transfers()
    source, target = torch.arange(5.0), torch.zeros(5)
    transfers.copy(target, source)
    source.zero_()
    transfers.sent()
    transfers.wait()
    assert target.tolist() == [0, 1, 2, 3, 4]
    assert cuda.log == []
