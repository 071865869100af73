"""Features of other units than the others: a rule on what the first linear layer is given."""

from __future__ import annotations

from typing import Final

import numpy as np

from tb_layerview.diagnosis.elements import different
from tb_layerview.diagnosis.evidence import Evidence
from tb_layerview.diagnosis.execution import Execution
from tb_layerview.diagnosis.finding import Finding, shown
from tb_layerview.log.chosen_steps import spread

_RATIO: Final = 100.0
_LEAST: Final = 10.0
_ROUNDING: Final = 1e-7
"""Of float32: what is always the same has a standard deviation of about so much of its size."""
_FEWEST_SAMPLES: Final = 16
_MOST_FEATURES: Final = 4096
_MAX_NAMED: Final = 4
_CLOSE: Final = 1e-2
"""Of a product that was computed in another order, and perhaps in 16 bits."""

UNLIKE = (
    "unlike_features",
    (
        "A feature that the first layer, a linear one, is given has a standard deviation over the "
        "kept samples (16 or more) of above 10, and above 100 times the median of those of all "
        "features that vary."
    ),
)


def unlike_features(evidence: Evidence) -> list[Finding]:
    """Inputs that were not standardized: the largest features alone decide where it is steep.

    Of gradient descent, the features' variances are the curvature: where they differ by 10,000, a
    step that suits the largest is 10,000 times too short for the others (LeCun et al. 1998).
    """
    given = _given(evidence)
    if given is None:
        return []
    features = evidence.specs[evidence.rows[given]].shape[1:]
    samples = [kept for kept in different(evidence, given) if kept.shape[1:] == features]
    values = np.concatenate([np.empty((0, *features)), *samples])
    values = values[np.isfinite(values).all(axis=1)]
    if len(values) < _FEWEST_SAMPLES:
        return []
    deviations = values.std(axis=0)
    varying = deviations[deviations > _ROUNDING * np.abs(values).max(axis=0)]
    if varying.size < 2:  # noqa: PLR2004 - one has no others
        return []
    # Of two, the median would lie between them.
    usual = float(np.quantile(varying, 0.5, method="lower"))
    large = np.flatnonzero((deviations > _LEAST) & (deviations > _RATIO * usual))
    if not large.size:
        return []
    order = large[np.argsort(-deviations[large], kind="stable")]
    named = ", ".join(
        f"index {place} has a standard deviation of {shown(float(deviations[place]))}"
        for place in order[:_MAX_NAMED].tolist()
    )
    more = f" (and {len(order) - _MAX_NAMED} more)" if len(order) > _MAX_NAMED else ""
    message = (
        f"{evidence.called(given)} has features of unlike scales: {named}{more}, where the median "
        f"of {len(deviations)} is {shown(usual)}: a learning rate that suits the large ones is too "
        "small for the others; standardize them"
    )
    first, last = evidence.steps[0], evidence.steps[-1]
    return [Finding("warning", UNLIKE[0], given, first, last, message)]


def _given(evidence: Evidence) -> str | None:
    """The key of what the first layer that runs is given, if that is features for a linear one."""
    execution = Execution(evidence)
    outputs = (row for row in execution.forward if evidence.names[row].kind == "output")
    leaves = (row for row in outputs if evidence.is_leaf(evidence.specs[row].module))
    first = next(leaves, None)
    if first is None or evidence.class_of(evidence.specs[first].module) != "Linear":
        return None
    known = execution.inputs(evidence.specs[first].module)
    for row in known or execution.given("inputs"):
        spec = evidence.specs[row]
        is_of_features = len(spec.shape) == 2 and 1 < spec.shape[1] <= _MOST_FEATURES  # noqa: PLR2004
        if is_of_features and "float" in spec.dtype:
            return spec.key if known or _is_multiplied(evidence, spec.key, first) else None
    return None


def _is_multiplied(evidence: Evidence, given: str, output: int) -> bool:
    """Whether the layer returned what it makes of this: a model may scale what it is given."""
    spec = evidence.specs[output]
    for step in reversed(spread(evidence.log.whole_steps, 4)):
        inputs, outputs = evidence.elements(given, step), evidence.elements(spec.key, step)
        weight = evidence.elements(f"{spec.module}/param.weight", step)
        if inputs is None or outputs is None or weight is None:
            continue
        bias = evidence.elements(f"{spec.module}/param.bias", step)
        if inputs.shape[1:] != weight.shape[1:] or len(inputs) != len(outputs):
            return False
        expected = inputs.astype(np.float64) @ weight.T.astype(np.float64)
        expected += 0 if bias is None else bias
        slack = _CLOSE * float(np.abs(expected).max(initial=0.0))
        return bool(np.allclose(outputs, expected, rtol=_CLOSE, atol=slack))
    return False
