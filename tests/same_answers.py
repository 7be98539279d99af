"""What TensorFlow and ONNX answer with "same", asked of them once and kept in fixtures/same.json.

`python -m tests.same_answers` writes the file anew, with tensorflow-cpu==2.21.0, onnx==1.23.2 and onnxruntime==1.32.0
installed beside numpy, in an environment of their own.

Who is asked what: TensorFlow for SAME and its gradients, ONNX Runtime for SAME_LOWER and for what TensorFlow cannot do
on a processor (a dilated transposed convolution), ONNX's own reference for a dilated max pool, whose sizes ONNX Runtime
works out without the dilation. Nobody is asked of ONNX where stamps are smaller than the stride: there its runtime and
its reference disagree, and TensorFlow counts.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tests.oracle.dice import Dice

if TYPE_CHECKING:
    from collections.abc import Iterator

FIXTURE = Path(__file__).parent / "fixtures" / "same.json"
Arrays = dict[str, np.ndarray]
Shape = tuple[int, ...]


class Case(NamedTuple):
    """One layer with settings; its arrays follow from the seed."""

    who: str  # TensorFlow, ONNX Runtime or ONNX
    layer: str
    x: Shape
    kernel: Shape  # (KH, KW), or the shape of w
    settings: dict[str, Any]

    @property
    def w(self) -> Shape | None:
        return self.kernel if len(self.kernel) == 4 else None

    def arrays(self, seed: int) -> Arrays:
        dice = Dice(seed)
        made = {"x": dice.numbers("whole", self.x, largest=9)}
        if self.layer == "max_pool2d":
            made["x"] -= 10.0  # so that padding by zeros would win
        return made | ({"w": dice.numbers("whole", self.w)} if self.w else {})


def _cases() -> Iterator[Case]:
    for size, kernel, stride in [
        ((13, 13), (2, 2), 1), ((5, 7), (3, 3), 2), ((4, 6), (3, 2), (2, 3)), ((1, 1), (3, 4), 1), ((7, 5), (1, 2), 3),
        ((6, 5), (4, 5), (1, 2)), ((2, 3), (5, 3), 2), ((5, 8), (2, 3), (4, 5)),
    ]:  # fmt: skip
        yield Case("TensorFlow", "max_pool2d", (1, *size), kernel, {"stride": stride, "padding": "same"})
        counted = {"stride": stride, "padding": "same", "count_include_pad": False}
        yield Case("TensorFlow", "avg_pool2d", (1, *size), kernel, counted)
        if not all(map(_fills, size, kernel, _pair(stride))):
            continue  # ONNX Runtime refuses it
        yield Case("ONNX Runtime", "max_pool2d", (1, *size), kernel, {"stride": stride, "padding": "same_lower"})
        for word in ("same", "same_lower"):
            whole = {"stride": stride, "padding": word, "count_include_pad": word == "same"}
            yield Case("ONNX Runtime", "avg_pool2d", (1, *size), kernel, whole)
    for size, kernel, stride, dilation in [
        ((5, 7), (3, 3), 2, 2), ((6, 5), (2, 3), (1, 2), (3, 1)), ((4, 9), (3, 2), (3, 2), (1, 4)),
    ]:  # fmt: skip
        window = {"stride": stride, "padding": "same", "dilation": dilation}
        yield Case("ONNX", "max_pool2d", (1, *size), kernel, window)
    for size, w, stride in [
        ((2, 2), (1, 1, 3, 3), 2), ((2, 3), (1, 2, 2, 4), (1, 2)), ((3, 2), (2, 1, 2, 1), (3, 4)),
        ((1, 1), (1, 1, 5, 2), 3), ((3, 3), (1, 1, 4, 3), 1), ((2, 4), (2, 2, 1, 1), 2),
    ]:  # fmt: skip
        x = (w[0], *size)
        yield Case("TensorFlow", "conv_transpose2d", x, w, {"stride": stride, "padding": "same"})
    for size, w, stride, dilation in [
        ((2, 2), (1, 1, 3, 3), 2, 1), ((3, 2), (1, 2, 2, 4), (1, 2), 1), ((2, 2), (1, 1, 3, 2), 1, (2, 3)),
        ((2, 3), (2, 1, 2, 3), (2, 3), (2, 1)),
    ]:  # fmt: skip
        for word in ("same", "same_lower"):
            window = {"stride": stride, "padding": word, "dilation": dilation}
            yield Case("ONNX Runtime", "conv_transpose2d", (w[0], *size), w, window)
    for size, w, stride, dilation in [
        ((5, 6), (1, 1, 2, 3), (2, 1), 1), ((4, 7), (2, 2, 4, 2), 3, 1), ((6, 5), (1, 1, 2, 3), 1, (3, 2)),
    ]:  # fmt: skip
        window = {"stride": stride, "dilation": dilation}
        yield Case("TensorFlow", "conv2d", (w[1], *size), w, {**window, "padding": "same"})
        if dilation == 1:
            yield Case("ONNX Runtime", "conv2d", (w[1], *size), w, {**window, "padding": "same_lower"})


def _fills(size: int, kernel: int, stride: int) -> bool:
    """Whether the last of ⌈size / stride⌉ windows reaches to the end of the input."""
    return (-(-size // stride) - 1) * stride + kernel >= size


def _pair(setting: Any) -> tuple[int, int]:
    return setting if isinstance(setting, tuple) else (setting, setting)


CASES = list(_cases())


def read() -> list[tuple[Case, Arrays, Arrays]]:
    """Each case with its arrays, dy among them where gradients were asked for, and the answers."""
    answers = json.loads(FIXTURE.read_text(encoding="utf-8"))["answers"]
    assert len(answers) == len(CASES)
    return [
        (case, case.arrays(seed), {name: np.array(array, float) for name, array in answer.items()})
        for seed, (case, answer) in enumerate(zip(CASES, answers, strict=True))
    ]


def gradient_at(y: np.ndarray) -> np.ndarray:
    """The dy that gradients were asked for with: 1, 2, 3, … in turn up to 5."""
    dy: np.ndarray = np.arange(y.size).reshape(y.shape) % 5 + 1.0
    return dy


# --- Asking -----------------------------------------------------------------------------------------------------------


def main() -> None:
    import onnx
    import onnxruntime
    import tensorflow

    versions = {"TensorFlow": tensorflow.__version__, "ONNX": onnx.__version__, "ONNX Runtime": onnxruntime.__version__}
    answers = []
    for seed, case in enumerate(CASES):
        asked = _tensorflow if case.who == "TensorFlow" else _onnx
        found = asked(case, **case.arrays(seed))
        answers.append({name: np.round(array, 6).tolist() for name, array in found.items()})
    lines = ",\n".join(json.dumps(answer, separators=(",", ":")) for answer in answers)
    FIXTURE.write_text(f'{{"versions": {json.dumps(versions)},\n"answers": [\n{lines}\n]}}\n', encoding="utf-8")
    print(f"{len(answers)} answers, {FIXTURE.stat().st_size / 1000:.1f} kB")


def _tensorflow(case: Case, x: np.ndarray, w: np.ndarray | None = None) -> Arrays:
    import tensorflow as tf

    stride, dilation = _pair(case.settings["stride"]), _pair(case.settings.get("dilation", 1))
    image = tf.constant(np.moveaxis(x, 0, -1)[None])
    kernel = None if w is None else tf.constant(np.transpose(w, (2, 3, 1, 0)))
    with tf.GradientTape() as tape:
        tape.watch(image)
        if kernel is not None:
            tape.watch(kernel)
        if case.layer == "conv2d":
            y = tf.nn.conv2d(image, kernel, stride, "SAME", dilations=dilation)
        elif case.layer == "conv_transpose2d":
            assert w is not None
            shape = (1, x.shape[1] * stride[0], x.shape[2] * stride[1], w.shape[1])
            y = tf.nn.conv2d_transpose(image, kernel, shape, stride, "SAME")
        else:
            y = getattr(tf.nn, case.layer)(image, case.kernel, stride, "SAME")
        found = np.moveaxis(y.numpy()[0], -1, 0)
        loss = tf.reduce_sum(y * np.moveaxis(gradient_at(found), 0, -1)[None])
    if dilation != (1, 1):  # on a processor it has no gradients of those
        return {"y": found}
    dx, dw = tape.gradient(loss, [image, kernel if kernel is not None else image])
    answers = {"y": found, "dx": np.moveaxis(dx.numpy()[0], -1, 0)}
    return answers if kernel is None else answers | {"dw": np.transpose(dw.numpy(), (3, 2, 0, 1))}


def _onnx(case: Case, x: np.ndarray, w: np.ndarray | None = None) -> Arrays:
    import onnxruntime
    from onnx import TensorProto, helper
    from onnx.reference import ReferenceEvaluator

    operator = {"conv2d": "Conv", "conv_transpose2d": "ConvTranspose", "max_pool2d": "MaxPool"}
    settings = {"strides": _pair(case.settings["stride"])}
    settings["auto_pad"] = {"same": "SAME_UPPER", "same_lower": "SAME_LOWER"}[case.settings["padding"]]
    if "dilation" in case.settings:
        settings["dilations"] = _pair(case.settings["dilation"])
    if "count_include_pad" in case.settings:
        settings["count_include_pad"] = int(case.settings["count_include_pad"])
    if w is None:
        settings["kernel_shape"] = case.kernel
    given = {"x": x[None].astype(np.float32)} | ({} if w is None else {"w": w.astype(np.float32)})
    node = helper.make_node(operator.get(case.layer, "AveragePool"), list(given), ["y"], **settings)
    tensors = [helper.make_tensor_value_info(name, TensorProto.FLOAT, array.shape) for name, array in given.items()]
    graph = helper.make_graph([node], "one", tensors, [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)], ir_version=9)
    if case.who == "ONNX":
        return {"y": ReferenceEvaluator(model).run(None, given)[0][0]}
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return {"y": session.run(None, given)[0][0]}


if __name__ == "__main__":
    main()
