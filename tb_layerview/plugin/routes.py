"""The routes: what was asked, who answers it, how it is sent."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from werkzeug import Request, Response

from tb_layerview.contract import messages
from tb_layerview.diagnosis.log import Log
from tb_layerview.log.names import PROBE
from tb_layerview.plugin import answers, diagnoses, over_steps, params
from tb_layerview.plugin.http import WsgiApplication, application, json_response, npy_response
from tb_layerview.plugin.runs import Asker, Runs

SEPARATORS: Final = ("/", os.sep)
"""What may stand in the name of a run, which is a path: that of Windows, too, where that is."""


class Routes:
    """One method a route; `docs/http_api.md` describes them."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    def applications(self) -> Mapping[str, WsgiApplication]:
        """The routes by their path."""
        handlers = {
            "/runs": self.runs,
            "/catalog": self.catalog,
            "/array": self.array,
            "/stats": self.stats,
            "/stats/axes": self.stats_axes,
            "/series": self.series,
            "/series/axes": self.series_axes,
            "/findings": self.findings,
            "/origin": self.origin,
            "/apart": self.apart,
            "/contributions": self.contributions,
            "/verdicts": self.verdicts,
            "/histogram": self.histogram,
            "/histogram/axes": self.histogram_axes,
        }
        return {path: application(handle) for path, handle in handlers.items()}

    def runs(self, request: Request) -> Response:
        """JSON: the runs with data."""
        logs = self._runs.logs(Asker.of(request.environ))
        body: messages.Runs = {"runs": [answers.run(name, log) for name, log in logs.items()]}
        return json_response(request, body)

    def catalog(self, request: Request) -> Response:
        """JSON: all that a run recorded."""
        return json_response(request, answers.catalog(self._fresh_log(request)))

    def array(self, request: Request) -> Response:
        """``.npy``: elements of one tensor at one step."""
        query = params.array_query(request.args)
        return npy_response(request, answers.array(self._log(request), query), immutable=True)

    def stats(self, request: Request) -> Response:
        """``.npy``: statistics of tensors over the steps."""
        query = params.stats_query(request.args)
        return npy_response(request, over_steps.stats(self._fresh_log(request), query))

    def stats_axes(self, request: Request) -> Response:
        """JSON: the rows and columns of `stats`."""
        return json_response(request, answers.stats_axes(self._fresh_log(request)))

    def histogram(self, request: Request) -> Response:
        """``.npy``: the histograms of one tensor over the steps."""
        query = params.rows_query(request.args)
        return npy_response(request, answers.histogram(self._fresh_log(request), query))

    def histogram_axes(self, request: Request) -> Response:
        """JSON: the rows and columns of `histogram`."""
        query = params.rows_query(request.args)
        return json_response(request, answers.histogram_axes(self._fresh_log(request), query))

    def series(self, request: Request) -> Response:
        """``.npy``: elements of one tensor over the steps."""
        query = params.rows_query(request.args)
        index = params.parse_slice(params.text(request.args, "slice"))
        return npy_response(request, answers.series(self._fresh_log(request), query, index))

    def series_axes(self, request: Request) -> Response:
        """JSON: the steps that are the rows of `series`."""
        query = params.rows_query(request.args)
        return json_response(request, answers.series_axes(self._fresh_log(request), query))

    def findings(self, request: Request) -> Response:
        """JSON: what went wrong, the gravest first."""
        return json_response(request, diagnoses.findings(self._fresh_log(request)))

    def origin(self, request: Request) -> Response:
        """JSON: the first tensor of a step that is not finite."""
        step = params.integer("step", params.text(request.args, "step"))
        return json_response(request, diagnoses.origin(self._fresh_log(request), step))

    def apart(self, request: Request) -> Response:
        """JSON: the layers by how far two samples part in them."""
        step, a, b = (params.integer(n, params.text(request.args, n)) for n in ("step", "a", "b"))
        return json_response(request, diagnoses.apart(self._fresh_log(request), step, a, b))

    def contributions(self, request: Request) -> Response:
        """JSON: what carried the chosen class of a sample, and what the right one."""
        step, sample = (params.integer(n, params.text(request.args, n)) for n in ("step", "sample"))
        right = params.text(request.args, "right", "")
        body = diagnoses.contributions(
            self._fresh_log(request),
            self._with_weights(request),
            step,
            sample,
            params.integer("right", right) if right else None,
        )
        return json_response(request, body)

    def verdicts(self, request: Request) -> Response:
        """JSON: what was answered to each kept sample, at some steps."""
        steps = [params.integer("step", step) for step in request.args.getlist("step")]
        most = params.optional_count(request.args, "max_steps")
        return json_response(request, diagnoses.verdicts(self._fresh_log(request), steps, most))

    def _with_weights(self, request: Request) -> Log:
        """The log that has the weights: of a probe, that of the run in whose directory it lies."""
        run = params.text(request.args, "run")
        probes = tuple(f"{separator}{PROBE}" for separator in SEPARATORS)
        if run != PROBE and not run.endswith(probes):
            return self._log(request)
        training = run[: -len(PROBE) - 1]
        log = self._runs.log(training or ".", Asker.of(request.environ))
        log.refresh()
        return log

    def _log(self, request: Request) -> Log:
        """The log of the run that was asked for, as of whenever it was looked at last."""
        return self._runs.log(params.text(request.args, "run"), Asker.of(request.environ))

    def _fresh_log(self, request: Request) -> Log:
        """The log of the run that was asked for, as of now."""
        log = self._log(request)
        log.refresh()
        return log
