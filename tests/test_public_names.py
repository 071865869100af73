"""What ``tb_layerview`` offers, by name. Whoever changes this changes what users rely on."""

from __future__ import annotations

import pytest

import tb_layerview
from tb_layerview import errors
from tb_layerview.capture.layer_view import LayerView
from tb_layerview.capture.snapshot import snapshot
from tb_layerview.capture.taps import tap
from tb_layerview.diagnosis.log import open_log

PUBLIC = {
    "ArgumentError",
    "ClosedError",
    "DamagedLogError",
    "GoneError",
    "Finding",
    "LayerNotFoundError",
    "LayerView",
    "LayerViewError",
    "LayerViewWarning",
    "NotFoundError",
    "Origin",
    "SliceError",
    "TooLargeError",
    "__version__",
    "open",
    "snapshot",
    "tap",
}


def test_the_public_names_are_these() -> None:
    assert set(tb_layerview.__all__) == PUBLIC


def test_every_public_name_resolves_to_what_it_names() -> None:
    assert tb_layerview.LayerView is LayerView
    assert tb_layerview.snapshot is snapshot
    assert tb_layerview.tap is tap
    assert tb_layerview.open is open_log
    assert tb_layerview.__version__ == "0.1.0"
    for name in PUBLIC:
        assert getattr(tb_layerview, name) is not None


def test_every_error_of_the_package_is_public() -> None:
    raised = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, Exception)
    }
    assert raised == {name for name in PUBLIC if name.endswith(("Error", "Warning"))}


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'LayerVeiw'"):
        _ = vars(tb_layerview)["__getattr__"]("LayerVeiw")
