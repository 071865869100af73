from __future__ import annotations

import numpy as np
import pytest
from tensorboard.compat.proto import event_pb2

from tb_layerview.errors import DamagedLogError
from tb_layerview.log import records
from tb_layerview.log.dtypes import DTYPES, DType, dtype_of

# One tensor record, byte by byte: step 5 and wall time 2.0 of "a/output", float32 [[1.0, -2.0]].
ANNOTATED_RECORD = bytes.fromhex(
    "3100000000000000"  # length of the payload: 49
    "9d8383e9"  # masked CRC32C of the length
    "09 0000000000000040"  # Event.wall_time = 2.0
    "10 05"  # Event.step = 5
    "2a 24"  # Event.summary, 36 bytes
    "0a 22"  # Summary.value, 34 bytes
    "0a 08 612f6f7574707574"  # Value.tag = "a/output"
    "42 16"  # Value.tensor, 22 bytes
    "08 01"  # TensorProto.dtype = DT_FLOAT
    "12 08 1202 0801 1202 0802"  # TensorProto.tensor_shape: two dims, of size 1 and 2
    "22 08"  # TensorProto.tensor_content, 8 bytes
    "0000803f 000000c0"  # 1.0, -2.0
    "5d776257"  # masked CRC32C of the payload
)


def test_a_tensor_record_is_laid_out_as_annotated() -> None:
    array = np.array([[1.0, -2.0]], dtype="<f4")
    payload, data_offset = records.tensor_payload(
        "a/output", array, dtype_of("float32"), step=5, wall_time=2.0
    )
    record = b"".join(bytes(buffer) for buffer in records.record(payload))
    assert record.hex(" ") == ANNOTATED_RECORD.hex(" ")
    assert ANNOTATED_RECORD[12 + data_offset : -4] == array.tobytes()


@pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.name)
@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 2), (1,), (300, 7)])
def test_the_envelope_is_what_protobuf_writes(dtype: DType, shape: tuple[int, ...]) -> None:
    array = np.zeros(shape, dtype.storage)
    payload, data_offset = records.tensor_payload(
        "layer/param.weight", array, dtype, step=2**40, wall_time=3.5
    )
    written = b"".join(bytes(buffer) for buffer in payload)
    event = event_pb2.Event.FromString(written)
    assert event.SerializeToString() == written
    assert event.step == 2**40
    assert event.summary.value[0].tensor.dtype == dtype.proto
    assert written[data_offset:] == array.tobytes()


def test_a_flipped_bit_of_the_payload_is_damage() -> None:
    record = bytearray(ANNOTATED_RECORD)
    record[30] ^= 1
    with pytest.raises(DamagedLogError, match=r"x\.lvlog: damaged at byte 7: the payload"):
        records.check_payload(bytes(record[12:-4]), bytes(record[-4:]), "x.lvlog", 7)


def test_a_flipped_bit_of_the_length_is_damage() -> None:
    prefix = bytes([ANNOTATED_RECORD[0] ^ 1]) + ANNOTATED_RECORD[1:12]
    with pytest.raises(DamagedLogError, match="the length of the record"):
        records.payload_length(prefix, "x.lvlog", 0)


def test_a_payload_that_is_no_event_is_damage() -> None:
    with pytest.raises(DamagedLogError, match="no Event"):
        records.parse_event(b"\xff\xff\xff", "x.lvlog", 0)
