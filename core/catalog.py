"""Every layer on offer, in menu order, and the calls that turn a reader's choice into a run.

A new layer is a new file in `core/layers` and its name here.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.layers import (
    activation,
    assigned_not_added,
    avg_pool,
    batch,
    chain,
    conv,
    conv_transpose,
    convolution_as_linear,
    cross_correlation,
    global_avg_pool,
    global_max_pool,
    im2col,
    input_gradient,
    linear,
    max_pool,
    mistakes,
    network,
    softmax_cross_entropy,
    training,
)
from core.layers.descent import descent
from core.layers.loss_curve import loss_curve, loss_of_what
from core.offer.layer import Layer, Opened
from core.offer.layout import settle_or_explain
from core.offer.settings import SettingError, Settings
from core.recording.curves import sampled
from core.recording.recorder import Algorithm, algorithm_named, ancestry, source_named
from core.recording.trace import Arrays, Calls, Outline, Step, Trace, finished, outlining
from core.text.plot import Curve, Descent

LAYERS: dict[str, Layer] = {
    layer.name: layer
    for layer in (
        conv.layer,
        max_pool.layer,
        avg_pool.layer,
        global_max_pool.layer,
        global_avg_pool.layer,
        conv_transpose.layer,
        activation.layer,
        linear.layer,
        softmax_cross_entropy.layer,
        input_gradient.layer,
        cross_correlation.layer,
        im2col.layer,
        convolution_as_linear.layer,
        chain.layer,
        network.layer,
        batch.layer,
        training.layer,
        *mistakes.layers,
        assigned_not_added.layer,
    )
}


@dataclass(frozen=True)
class Run:
    """A layer, one of its algorithms, settings that hold, and the arrays to begin with: all that a run depends on.

    >>> run = Run.of("conv2d", "correlate", stride=1)
    >>> next(run.steps()).caption
    'place the kernel, take its patch'
    """

    layer: Layer
    algorithm: Algorithm
    settings: Settings
    given: frozenset[str]
    start: Arrays

    @classmethod
    def of(
        cls, layer: str, algorithm: str = "walk", arrays: Mapping[str, Any] | None = None, **settings: object
    ) -> "Run":
        """Check everything, make the arrays, run what must come before. What does not fit is a SettingError."""
        run = cls.planned(layer, algorithm, arrays, **settings)
        finished(run.lead_up())
        return run

    @classmethod
    def planned(
        cls, layer: str, algorithm: str = "walk", arrays: Mapping[str, Any] | None = None, **settings: object
    ) -> "Run":
        """Check everything and make the arrays. What must come before is still to be run, by means of `lead_up`."""
        chosen = LAYERS.get(layer)
        if chosen is None:
            raise SettingError("layer", "there is no such layer; there are {known}", known=", ".join(LAYERS))
        opened = chosen.algorithms.get(algorithm)
        if opened is None:
            template = "there is no such algorithm; this layer has {known}"
            raise SettingError("algorithm", template, known=", ".join(chosen.algorithms))
        brought = {name: _numbers(name, array) for name, array in (arrays or {}).items()}
        return cls(chosen, opened, *settle_or_explain(chosen, algorithm, settings, brought))

    def lead_up(self) -> Generator[str, None, None]:
        """Run what must come before, once, with a pause at each of its steps: whoever goes through them may stop."""
        for earlier in ancestry(self.algorithm):
            yield from earlier.running(self.start, **self.layer.arguments(self.settings))

    def finish(self) -> Arrays:
        """Every array at the end, computed on plain arrays."""
        arrays = self._copies()
        self.algorithm.run(arrays, **self.layer.arguments(self.settings))
        return arrays

    def steps(self) -> Generator[Step]:
        """The steps, each as soon as it is known. They are never all in memory."""
        return self.algorithm.steps(self._copies(), **self.layer.arguments(self.settings))

    def outline(self) -> Outline:
        """What is known of the run before its steps are, found by running it once on plain arrays."""
        return finished(self.outlining())

    def outlining(self) -> Generator[None, None, Outline]:
        """The same, with a pause after each step, at which whoever goes through it may rest or stop."""
        end = self._copies()
        seen = yield from outlining(self.algorithm.pauses(end, **self.layer.arguments(self.settings)))
        texts = {name: source_named(name) for name, _ in seen.calls}
        bound = [(array, parameter in texts[name].writes) for name, arrays in seen.calls for parameter, array in arrays]
        named = self.layer.arrays(self.settings)
        return Outline(
            layer=self.layer.name,
            algorithm=self.algorithm.name,
            settings=self.settings.plain(),
            start=self.start,
            end=end,
            roles={name: named[name].role for name in self.start},
            labels={name: named[name].label for name in self.start},
            fills={name: named[name].fill for name in self.start},
            axes={name: named[name].axis_names for name in self.start},
            given=self.given,
            sources=tuple(texts.values()),
            captions=seen.captions,
            chapters=seen.chapters,
            used=frozenset(array for array, _ in bound),
            computed=frozenset(array for array, is_written in bound if is_written),
            formula=self.layer.formula(self.settings),
            steps=seen.steps,
            curves=self._curves(seen.calls, end),
        )

    def opened(self, told: Outline, one: Opened) -> "Run":
        """A layer that this one is made of, as a walk of its own on the numbers that this run has come to.

        >>> network = Run.of("network")
        >>> softmax = network.layer.opens[-1]
        >>> network.opened(network.outline(), softmax).start["z"].round(2)
        array([ 0.89, -1.42, -2.09])
        """
        # What the run begins with may have been updated since.
        return self.opened_on({name: (told.start if name in told.given else told.end)[name] for name in told.end}, one)

    def opened_on(self, arrays: Arrays, one: Opened) -> "Run":
        """The same on the numbers of a moment.

        >>> training = Run.of("training", epochs=1)
        >>> network = training.opened_on(core.record("training", epochs=1).snapshot(30), training.layer.opens[0])
        >>> network.start["w"].shape
        (4, 1, 3, 3)
        """
        other = LAYERS[one.layer]
        brought = {name: arrays[one.arrays[name]] for name in other.axes if name in one.arrays}
        return Run.planned(one.layer, next(iter(other.algorithms)), brought, **one.settings(self.settings))

    def losses(self, nudged: str, flat: int) -> Arrays:
        """The loss of a gradient check over the values of one cell that is nudged: see `core.layers.loss_curve`.

        >>> Run.planned("activation", activation="relu").losses("z_nudged", 0)["kinks"].size
        1
        """
        arrays, arguments = self._copies(), self.layer.arguments(self.settings)
        cells = arrays[nudged].reshape(-1)
        inputs = [arrays[name] for name in loss_of_what(arrays, arguments)]
        return loss_curve(inputs, cells, flat, loss_of=arguments["loss_of"], most=arguments["most"])

    @property
    def nudged(self) -> list[str]:
        """The arrays whose cells a gradient check nudges; none where there is no check."""
        arguments = self.layer.arguments(self.settings)
        return [name for name in loss_of_what(self.start, arguments) if name.endswith("_nudged")]

    def _curves(self, calls: Calls, end: Arrays) -> dict[str, dict[str, Arrays]]:
        """The points of every curve that a function of the run declares, for each array that it is called with."""
        found: dict[str, dict[str, Arrays]] = {}
        for name, arrays in calls:
            called = algorithm_named(name)
            plot = called.source.plot
            of = plot.of if isinstance(plot, Curve) else plot.after if isinstance(plot, Descent) else None
            array = dict(arrays).get(of) if of else None
            if array is None or array in found.setdefault(name, {}):
                continue
            arguments = self.layer.arguments(self.settings)
            found[name][array] = (
                descent(end, plot.function, arguments)
                if isinstance(plot, Descent)
                else sampled(called, end[array], arguments)
            )
        return found

    def _copies(self) -> Arrays:
        return {name: array.copy() for name, array in self.start.items()}


def _numbers(name: str, array: Any) -> np.ndarray:
    try:
        return np.asarray(array, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise SettingError(name, "{setting} must be an array of numbers, its rows all of one length") from None


def run(layer: str, algorithm: str = "walk", arrays: Mapping[str, Any] | None = None, **settings: object) -> Arrays:
    """Run an algorithm of a layer to its end.

    >>> core.run("conv2d", stride=1)["y"].shape
    (2, 5, 5)
    >>> core.run("conv2d", arrays={"x": [[[0, 1], [2, 3]]]}, kernel_size=2, padding=0, stride=1)["y"].shape
    (2, 1, 1)

    Every named array comes back as it is at the end (float64), so `w` and `b` are the updated ones. `arrays` overrides
    what the layer would make itself; their shapes set the sizes. What does not fit is a SettingError, a ValueError that
    names the setting; so is a layer or an algorithm that there is none of, with those that there are.
    """
    return Run.of(layer, algorithm, arrays, **settings).finish()


def record(layer: str, algorithm: str = "walk", arrays: Mapping[str, Any] | None = None, **settings: object) -> Trace:
    """Run an algorithm of a layer on watched arrays and keep every step.

    >>> trace = core.record("conv2d", "correlate")
    >>> trace.snapshot(1)["patch"].shape
    (3, 3, 3)

    It takes what `run` takes. For one step at a time, without keeping them, use `Run.of(...).steps()`.
    """
    chosen = Run.of(layer, algorithm, arrays, **settings)
    return Trace(chosen.outline(), tuple(chosen.steps()))
