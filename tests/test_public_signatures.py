"""How the public names are called. Whoever changes this table changes what users have written."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any, Final, Literal

import pytest
from torch import nn

import tb_layerview
from tb_layerview.capture import layer_view, schedule, select
from tb_layerview.capture.recording import Recording
from tb_layerview.diagnosis import finding, suspects
from tb_layerview.diagnosis.log import Log
from tb_layerview.log.series import TensorSeries
from tb_layerview.log.tensor import TensorSlice

OWNERS: Final[dict[str, Any]] = {
    "LayerView": tb_layerview.LayerView,
    "Recording": Recording,
    "Log": Log,
    "TensorSeries": TensorSeries,
    "TensorSlice": TensorSlice,
    "tb_layerview": tb_layerview,
}

SIGNATURES: Final = {
    "tb_layerview.LayerView": """
        model: nn.Module
        writer: object
        *
        layers: Layers = None
        kinds: Sequence[str] = ('param', 'buffer', 'output')
        every: Every = 1
        samples: int | slice = 4
        max_elements: int | None = 4194304
        max_megabytes_per_step: float | None = None
        keep_gigabytes: float | None = None
        queue_bytes: int = 536870912
        when_full: WhenFull = 'skip'
        on_nonfinite: Literal['record'] | None = None
        on_spike: Literal['record'] | float | None = None
        max_trips: int = 3
        labels: Sequence[str] | None = None
        -> None""",
    "LayerView.step": """
        step: SupportsIndex
        *
        inputs: object = None
        targets: object = None
        -> Recording""",
    "LayerView.probe": """
        inputs: object
        targets: object = None
        ids: Sequence[str | int] | None = None
        -> None""",
    "LayerView.flush": "-> None",
    "LayerView.close": "-> None",
    "LayerView.report": "-> str",
    "Recording.predictions": "predictions: object\n-> None",
    "Recording.watch": """
        value: object
        again: Again | None = None
        *
        name: str = 'the loss'
        -> None""",
    "tb_layerview.snapshot": """
        model: nn.Module
        writer: object
        step: SupportsIndex
        *
        inputs: object
        targets: object = None
        layers: Layers = None
        kinds: Sequence[str] = ('param', 'buffer', 'output')
        samples: int | slice = 4
        max_elements: int | None = 4194304
        max_megabytes_per_step: float | None = None
        -> object""",
    "tb_layerview.tap": "tensor: T\nname: str\n-> T",
    "tb_layerview.open": "directory: str | os.PathLike[str]\n-> Log",
    "Log.keys": "-> list[str]",
    "Log.__getitem__": "key: str\n-> TensorSeries",
    "Log.findings": "-> list[Finding]",
    "Log.origin": "step: int\n-> Origin | None",
    "Log.apart": "step: int\na: int\nb: int\n-> list[Parting]",
    "Log.contributions": """
        step: int
        sample: int
        *
        right: int | None = None
        most: int = 20
        weights: Log | None = None
        -> Contributions""",
    "Log.stats": """
        name: str
        *
        keys: Sequence[str] | None = None
        -> npt.NDArray[np.float64]""",
    "Log.refresh": "-> None",
    "TensorSeries.at": "step: int\n-> TensorSlice",
    "TensorSeries.histogram": "steps: Sequence[int] | None = None\n-> npt.NDArray[np.int64]",
    "TensorSlice.__getitem__": "index: object\n-> npt.NDArray[Any]",
    "TensorSlice.level": "level: int\nplane: str = 'mean'\n-> StoredArray",
    "TensorSlice.levels": "-> list[int]",
}

PROPERTIES: Final = {
    "Log.steps": "list[int]",
    "Log.problems": "list[str]",
    "Log.marks": "dict[int, str]",
    "Log.skipped": "int",
    "TensorSeries.key": "str",
    "TensorSeries.steps": "list[int]",
    "TensorSlice.shape": "tuple[int, ...]",
    "TensorSlice.ndim": "int",
    "TensorSlice.size": "int",
    "TensorSlice.dtype": "np.dtype[Any]",
}

FIELDS: Final = {
    tb_layerview.Finding: (
        "severity: Severity, rule: str, key: str, first_step: int, last_step: int, message: str"
    ),
    tb_layerview.Origin: (
        "step: int, key: str, layer: str, cause: Cause, made: bool, counts: dict[str, int], "
        "indices: tuple[tuple[int, ...], ...], sample: int | None, leads: tuple[Lead, ...], "
        "spread: int, message: str"
    ),
}

ERRORS: Final[dict[type[Exception], tuple[type[BaseException], str]]] = {
    tb_layerview.LayerViewError: (Exception, ""),
    tb_layerview.ArgumentError: (ValueError, "argument expected received"),
    tb_layerview.LayerNotFoundError: (ValueError, "argument expected received nearest"),
    tb_layerview.SliceError: (IndexError, "argument expected received"),
    tb_layerview.ClosedError: (RuntimeError, "what"),
    tb_layerview.NotFoundError: (LookupError, "what expected received"),
    tb_layerview.GoneError: (LookupError, "what expected received"),
    tb_layerview.TooLargeError: (ValueError, "what limit received"),
    tb_layerview.DamagedLogError: (Exception, "file offset reason"),
}
"""What each is besides a `LayerViewError`, and its fields."""


def _signature(function: Callable[..., Any]) -> list[str]:
    """One line a parameter, as it stands in the code, and what is answered."""
    lines = []
    signature = inspect.signature(function)
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in lines:
            lines.append("*")
        default = "" if parameter.default is parameter.empty else f" = {parameter.default!r}"
        lines.append(f"{parameter.name}: {parameter.annotation}{default}")
    lines = [line for line in lines if not line.startswith("self:")]
    return [*lines, f"-> {signature.return_annotation}"]


@pytest.mark.parametrize("name", SIGNATURES)
def test_what_is_called_keeps_its_parameters_their_types_and_their_defaults(name: str) -> None:
    owner, _, own = name.partition(".")
    function = getattr(OWNERS[owner], own)
    assert _signature(function) == [line.strip() for line in SIGNATURES[name].strip().splitlines()]


@pytest.mark.parametrize("name", PROPERTIES)
def test_what_is_read_keeps_its_type(name: str) -> None:
    owner, _, own = name.partition(".")
    found = inspect.getattr_static(OWNERS[owner], own)
    assert isinstance(found, property)
    assert found.fget is not None
    assert found.fget.__annotations__["return"] == PROPERTIES[name]


@pytest.mark.parametrize("kind", FIELDS)
def test_what_is_found_keeps_its_fields_and_their_order(kind: type) -> None:
    fields = [f"{name}: {annotation}" for name, annotation in kind.__annotations__.items()]
    assert ", ".join(fields) == FIELDS[kind]


def test_the_names_in_these_signatures_stand_for_what_they_did() -> None:
    layer = nn.Module | str | type[nn.Module]
    assert select.Layers == layer | Iterable[layer] | None
    assert schedule.Every == int | Callable[[int], bool]
    assert layer_view.WhenFull == Literal["skip", "wait"]
    assert finding.Severity == Literal["info", "warning", "error"]
    assert suspects.Cause == Literal["made", "passed_on", "given", "unknown"]


def test_every_error_keeps_what_it_is_and_its_fields() -> None:
    made = {
        tb_layerview.LayerViewError: tb_layerview.LayerViewError(),
        tb_layerview.LayerNotFoundError: tb_layerview.LayerNotFoundError("x", ["y"]),
        tb_layerview.ClosedError: tb_layerview.ClosedError("it"),
        tb_layerview.TooLargeError: tb_layerview.TooLargeError("it", 1, 2),
        tb_layerview.DamagedLogError: tb_layerview.DamagedLogError("file", 1, "reason"),
    }
    for kind, (builtin, fields) in ERRORS.items():
        error = made.get(kind) or kind("what", "expected", "received")
        assert issubclass(kind, tb_layerview.LayerViewError)
        assert issubclass(kind, builtin)
        assert set(vars(error)) == set(fields.split()), kind


@pytest.mark.parametrize("name", [*SIGNATURES, *PROPERTIES])
def test_everything_that_is_promised_has_a_docstring(name: str) -> None:
    owner, _, own = name.partition(".")
    assert inspect.getdoc(
        inspect.getattr_static(OWNERS[owner], own, None) or getattr(OWNERS[owner], own)
    )
