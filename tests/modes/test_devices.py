"""The way from an accelerator to the host, against a device that writes down what it is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch

from tb_layerview.capture import devices
from tb_layerview.capture.devices import Lane, Transfers

DEVICE = torch.device("cuda", 0)


class FakeStream:
    def __init__(self, log: list[str], name: str) -> None:
        self.log = log
        self.name = name

    def wait_stream(self, other: FakeStream) -> None:
        self.log.append(f"{self.name} waits for {other.name}")


class FakeEvent:
    def __init__(self, log: list[str]) -> None:
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
        self.running = "training"

    def Stream(self, device: torch.device) -> FakeStream:  # noqa: N802 - as torch.cuda has it
        assert device == DEVICE
        return FakeStream(self.log, "side")

    def Event(self) -> FakeEvent:  # noqa: N802 - as torch.cuda has it
        return FakeEvent(self.log)

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
        self.cuda.log.append(f"clone {self.name} in {self.cuda.running}")
        return FakeTensor(self.cuda, f"clone of {self.name}", self.nbytes)

    def copy_(self, source: FakeTensor, *, non_blocking: bool) -> None:
        assert non_blocking
        self.cuda.log.append(f"copy {source.name} in {self.cuda.running}")

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
    transfers.sent()
    assert cuda.log == [
        "clone output in training",
        "side waits for training",
        "copy clone of output in side",
        "clone of output is in use by side",
        "event in side",
    ]


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
    monkeypatch.setattr(devices, "DEVICE_BYTES", 10)
    transfers = Transfers()
    copy(transfers, cuda, "first", 8)
    transfers.sent()
    cuda.log.clear()
    copy(transfers, cuda, "second", 8)
    assert cuda.log == [
        "side waits for training",
        "copy second in side",
        "second is in use by side",
        "training waits for side",
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
