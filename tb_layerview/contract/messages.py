"""Every JSON body of the HTTP interface, declared once.

``frontend/src/contract/messages.ts`` is generated from this module
(``python -m tb_layerview.contract.typescript``); a test fails where the two differ.
Numbers are always finite: JSON has no NaN, so what can be non-finite travels as ``.npy``.
"""

from __future__ import annotations

from typing import Literal, TypedDict

Kind = Literal["param", "buffer", "grad", "input", "output", "output_grad", "tap", "sample"]
"""What a tensor is to its module. ``sample``: inputs, targets and predictions given to a step."""

Stored = Literal["exact", "pyramid", "statistics"]
"""What was kept of a tensor: every element, blocks of elements, or its statistics alone."""

Statistic = Literal[
    "count",
    "nan",
    "pos_inf",
    "neg_inf",
    "zero",
    "min",
    "max",
    "mean",
    "std",
    "rms",
    "max_abs",
    "update_rms",
    "update_ratio",
]
"""A column of the statistics table. The moments and extremes are those of the finite elements.

``update_rms`` and ``update_ratio`` are of parameters: the root mean square of their change in the
step, and its ratio to ``rms``.
"""


Derived = Literal[
    "non_finite", "broken", "zero_share", "norm", "saturation", "near_largest", "near_smallest"
]
"""What ``stats`` tells beside the columns of the table, made of them and of histograms.

``non_finite`` counts NaN and infinities, and ``broken`` those that should not be: -Inf only in
parameters, gradients and what the model itself returns, as masks are made of it. ``zero_share``,
``near_largest`` and ``near_smallest`` are shares of all elements: those that are zero, that lie in
the last two octaves of the dtype, and that are not zero but below four times its smallest normal
number. ``norm`` is the 2-norm of the finite elements. ``saturation`` is of the output of a sigmoid,
tanh or softmax: 1 less its mean slope beside the steepest.
"""

ErrorCode = Literal[
    "not_found", "malformed", "too_large", "damaged", "unreadable", "method_not_allowed"
]
"""Why there is no answer. ``damaged``: the bytes of a log are not those that were written;
``unreadable``: the operating system does not let them be read.
"""


class Run(TypedDict):
    """One run that has layer data. The steps are null where no whole frame can be read (yet)."""

    name: str
    frames: int
    first_step: int | None
    last_step: int | None
    skipped: int


class Runs(TypedDict):
    """Answer of ``runs``."""

    runs: list[Run]


class Module(TypedDict):
    """One module of the model. ``path`` is that of ``named_modules()``; the root's is empty.

    ``repr`` is the module's own line of ``print(model)``, without its children;
    ``order`` is its place in the order of execution.
    """

    path: str
    class_name: str
    repr: str
    order: int


class Tensor(TypedDict):
    """One recorded tensor, as it was last recorded.

    ``shape`` is that of the elements, whether ``stored`` says that they were kept or not; ``axes``
    the name of each axis. ``dtype`` is PyTorch's name of it; ``array`` answers bfloat16 and float8
    widened to float32. ``levels`` is the last level of detail that ``array`` answers: 0 where there
    are only elements, or only statistics.
    """

    key: str
    module: str
    kind: Kind
    shape: list[int]
    dtype: str
    axes: list[str]
    stored: Stored
    levels: int


class Mark(TypedDict):
    """What the flight recorder saw go wrong in a step."""

    step: int
    reason: str


class Kept(TypedDict):
    """How many of the recorded steps are there.

    Of ``recorded`` steps ``whole`` are there with all that was recorded, and ``summarized`` others
    with their statistics and histograms alone; the rest was dropped for room on the disk.
    """

    whole: int
    summarized: int
    recorded: int


class Catalog(TypedDict):
    """Answer of ``catalog``: all that one run recorded.

    ``directory`` is that of the run, on the machine that serves it.
    ``generation`` changes when recorded steps are replaced (a training restarted at an earlier
    step): a client that puts it in the URL of an array never shows a cached one that is gone.
    ``samples`` are the positions in the batch of the kept samples, ``sample_ids`` what the user
    calls them (empty where they have no names), ``labels`` the names of the classes that the model
    tells apart (likewise). ``marks`` are the steps in which something went wrong; ``problems`` are
    sentences about what could not be recorded or read.

    ``kept`` is null where no step was dropped for room on the disk. ``summarized`` are those of
    ``steps`` of which only statistics and histograms are left: there is no array of these.
    """

    directory: str
    generation: str
    steps: list[int]
    summarized: list[int]
    kept: Kept | None
    modules: list[Module]
    tensors: list[Tensor]
    samples: list[int]
    sample_ids: list[str]
    labels: list[str]
    marks: list[Mark]
    problems: list[str]


class StatsAxes(TypedDict):
    """Answer of ``stats/axes``: what the rows and columns of a ``stats`` array stand for."""

    keys: list[str]
    steps: list[int]


class SeriesAxes(TypedDict):
    """Answer of ``series/axes``: the steps that the rows of a ``series`` array stand for.

    ``available`` is of how many steps they were chosen: more than there are where ``max_rows`` is.
    """

    steps: list[int]
    available: int


class HistogramAxes(TypedDict):
    """Answer of ``histogram/axes``: the rows of a ``histogram`` array, and the edges of its bins.

    ``edges`` are the interior ones, ascending, one less than there are bins: the first bin has no
    lower end and the last no upper end. A bin holds the edge that is nearer to zero. ``available``
    is of how many steps ``steps`` were chosen: more than there are where ``max_rows`` is.
    """

    steps: list[int]
    available: int
    edges: list[float]


Severity = Literal["info", "warning", "error"]
"""How grave a finding is."""


class Finding(TypedDict):
    """What a rule found: the tensor that shows it best, and the steps at which it was so.

    ``message`` is a sentence with the evidence; ``states`` the rule with its thresholds.
    """

    severity: Severity
    rule: str
    key: str
    first_step: int
    last_step: int
    message: str
    states: str


class Findings(TypedDict):
    """Answer of ``findings``: the gravest first."""

    findings: list[Finding]


class Lead(TypedDict):
    """An element that led to another. ``value`` is text: it may be no finite number."""

    key: str
    index: list[int]
    value: str


Cause = Literal["made", "passed_on", "given", "unknown"]
"""Why a tensor is not finite. Its layer ``made`` the numbers from finite inputs and weights; they
were in the weights already, and were ``passed_on``; they were ``given`` from outside, with the data
or the gradient of the loss; or it is ``unknown``, as what would tell was not recorded.
"""


class OriginDetail(TypedDict):
    """The first tensor of a step that is not finite.

    ``layer`` is the path of the module that is to blame, ``made`` whether ``cause`` is that it made
    the numbers. ``indices`` are
    the first such elements among the kept ones; ``sample`` is the position in the batch of the
    first, null where it was not kept. ``spread`` counts the other tensors that are not finite.
    """

    step: int
    key: str
    layer: str
    cause: Cause
    made: bool
    nan: int
    pos_inf: int
    neg_inf: int
    indices: list[list[int]]
    sample: int | None
    leads: list[Lead]
    spread: int
    message: str


class Origin(TypedDict):
    """Answer of ``origin``: null where everything is finite that should be."""

    origin: OriginDetail | None


class Parting(TypedDict):
    """How far two samples are apart in one tensor.

    ``distance`` is norm(a - b) / sqrt(norm(a)^2 + norm(b)^2) over the elements that are finite in
    both: 0 the same, 1 at right angles, sqrt(2) opposite. ``usual`` is the median of that over all
    pairs of kept samples, null where there are only two. ``skipped`` counts elements that are not
    finite, ``turn`` is the place in the order of execution.
    """

    key: str
    distance: float
    usual: float | None
    skipped: int
    turn: int


class Apart(TypedDict):
    """Answer of ``apart``: the tensor in which the samples part most comes first."""

    partings: list[Parting]


class Feature(TypedDict):
    """An input of the layer (``index`` among its inputs), and what it adds to both logits.

    What it adds is its value times its weight for the class.
    """

    index: int
    value: float
    chosen_weight: float
    right_weight: float
    to_chosen: float
    to_right: float


class Contributions(TypedDict):
    """Answer of ``contributions``: what made the last linear layer prefer a class.

    A logit is the bias of its class and what all features add to it. ``features`` are those that
    tell the ``chosen`` class from the ``right`` one most, largest first; ``source`` is the key of
    the tensor whose elements they are. ``map_key`` is an output of which they are made: the
    elements of a sample of it, if ``map_shape`` is its shape, or the means of its maps, if that is
    only their number. ``classes`` is how many there are.
    """

    layer: str
    source: str
    chosen: int
    right: int
    chosen_logit: float
    right_logit: float
    chosen_bias: float
    right_bias: float
    features: list[Feature]
    classes: int
    map_key: str | None
    map_shape: list[int]


Task = Literal["classes", "labels", "places", "numbers", "unknown"]
"""What targets and predictions are: one of several classes, several labels at once, a class for
each of many places (pixels, tokens), or numbers.
"""


class StepVerdicts(TypedDict):
    """What was answered at one step: each list has a value for each kept sample, null if unknown.

    ``target`` and ``answer`` are classes: one, or all labels that hold. ``confidence`` is the
    share that the model gave to its answer, ``of_target`` what it gave to the target. ``error`` is
    of ``labels`` how many differ, of ``places`` the share of those that are wrong, of ``numbers``
    the root mean square of the difference.
    """

    step: int
    task: Task
    target: list[list[int] | None]
    answer: list[list[int] | None]
    confidence: list[float | None]
    of_target: list[float | None]
    right: list[bool | None]
    error: list[float | None]


class Verdicts(TypedDict):
    """Answer of ``verdicts``: the steps that were asked for, in their order.

    ``available`` is how many steps of the run are whole: of so many they are, where none was named.
    """

    steps: list[StepVerdicts]
    available: int


class ErrorDetail(TypedDict):
    """``code`` is for programs; ``message`` says what was expected and what came."""

    code: ErrorCode
    message: str


class ErrorBody(TypedDict):
    """Answer of every request that failed."""

    error: ErrorDetail
