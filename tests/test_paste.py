"""What people paste, read in Node: a table of texts for each kind of source, and properties over what really prints."""

import contextlib
import json
import random
import re
from typing import Any

import numpy as np
import pytest

from tests.conftest import ROOT
from tests.node import node

Read = list[tuple[str, Any]]  # a text, and the array that is meant
Refused = list[tuple[str, str, dict[str, Any]]]  # a text, the reason, and what the sentence must name


def read(*texts: str) -> list[dict[str, Any]]:
    return list(node("read", texts=[[text] for text in texts]))


FRAMEWORKS: Read = [
    ("Parameter containing:\ntensor([0.5, -1.0], requires_grad=True)", [0.5, -1.0]),
    ("Parameter containing:\ntensor([[1., 2.],\n        [3., 4.]], device='cuda:0', requires_grad=True)", [[1, 2], [3, 4]]),
    ("tensor([[[-1.3555, -1.3555],\n         [-1.3555,  0.0000]]], grad_fn=<ConvolutionBackward0>)", [[[-1.3555, -1.3555], [-1.3555, 0]]]),
    ("tensor([[ 1.50000000000000000e+00, -1.00000000000000006e-01]],\n       dtype=torch.float64)", [[1.5, -0.1]]),
    ("tensor([1.0000e-05, 1.0000e+05])", [1e-5, 1e5]),
    ("tensor(1.00000e+03 *\n       [[ 1.2345, -0.5000],\n        [ 0.0000,  2.0000]])", [[1234.5, -500], [0, 2000]]),
    ("tensor(1.5000)", [1.5]),
    ("[tensor(1.), tensor(-2.)]", [1, -2]),
    ("torch.tensor([[1, 2], [3, 4]], dtype=torch.float32)", [[1, 2], [3, 4]]),
    ("w = torch.nn.Parameter(torch.tensor([[0.5, -0.25]]))", [[0.5, -0.25]]),
    ("(1,.,.) = \n  0.1  0.2\n  0.3  0.4\n\n(2,.,.) = \n  5  6\n  7  8\n[ CPUFloatType{2,2,2} ]", [[[0.1, 0.2], [0.3, 0.4]], [[5, 6], [7, 8]]]),
    ("(0 ,.,.) = \n  1  2\n\n(1 ,.,.) = \n  3  4\n[torch.FloatTensor of size 2x1x2]\n", [[[1, 2]], [[3, 4]]]),
    ("\n1.00000e-02 *\n  1.2000  3.4000\n -5.0000  0.0000\n[torch.FloatTensor of size 2x2]\n", [[0.012, 0.034], [-0.05, 0]]),
    ("Columns 1 to 3 0.1  0.2  0.3\n 1.1  1.2  1.3\n\nColumns 4 to 5 0.4  0.5\n 1.4  1.5\n[ CPUFloatType{2,5} ]", [[0.1, 0.2, 0.3, 0.4, 0.5], [1.1, 1.2, 1.3, 1.4, 1.5]]),
    (" 1\n-2\n 3\n[ CPUFloatType{3} ]", [1, -2, 3]),
    ("[[np.float64(1.5), np.float64(2.0)], [np.float64(3.0), np.float64(4.0)]]", [[1.5, 2.0], [3.0, 4.0]]),
    ("[np.float32(-1.5), np.int64(3)]", [-1.5, 3]),
    ("np.float64(3.0)", [3]),
    ("array([[1.5, -0. ],\n       [1.e-05, 2.]], dtype=float32)", [[1.5, 0], [1e-5, 2]]),
    ("array([1., 2.], dtype=float32)", [1, 2]),
    ("array([[1, 2, 3]], shape=(1, 3))", [[1, 2, 3]]),
    ("matrix([[1, 2],\n        [3, 4]])", [[1, 2], [3, 4]]),
    ("[-0.05862505 -0.31625814  0.49727223  0.05679802  0.06922993 -0.02887197\n -0.10549587  0.35669921]",
     [-0.05862505, -0.31625814, 0.49727223, 0.05679802, 0.06922993, -0.02887197, -0.10549587, 0.35669921]),
    ("tf.Tensor(\n[[1. 3.]\n [3. 7.]], shape=(2, 2), dtype=float32)", [[1, 3], [3, 7]]),
    ("<tf.Tensor: shape=(2, 2), dtype=float32, numpy=\narray([[1., 2.],\n       [3., 4.]], dtype=float32)>", [[1, 2], [3, 4]]),
    ("<tf.Variable 'x:0' shape=(2,) dtype=float32, numpy=array([1., 2.], dtype=float32)>", [1, 2]),
    ("<tf.Tensor: id=3, shape=(), dtype=float32, numpy=2.5>", [2.5]),
    ("[<tf.Tensor: shape=(1,), dtype=float32, numpy=array([1.], dtype=float32)>, <tf.Tensor: shape=(1,), dtype=float32, numpy=array([2.], dtype=float32)>]", [[1], [2]]),
    ("<Variable path=dense/kernel, shape=(1, 2), dtype=float32, value=[[0.5 1. ]]>", [[0.5, 1]]),
    ("tf.constant([[1.0, 2.0]], dtype=tf.float32)", [[1, 2]]),
    ("Array([[1., 2.],\n       [3., 4.]], dtype=float32)", [[1, 2], [3, 4]]),
    ("Array(1., dtype=float32, weak_type=True)", [1]),
    ("DeviceArray([1., 2.], dtype=float32)", [1, 2]),
    ("\n[[1. 2.]\n [3. 4.]]\n<NDArray 2x2 @cpu(0)>", [[1, 2], [3, 4]]),
    ("[array([[1., 2.],\n       [3., 4.]], dtype=float32)]", [[[1, 2], [3, 4]]]),
    ("x = np.array([[1, 2], [3, 4]])", [[1, 2], [3, 4]]),
    ("x: list[list[float]] = [[1, 2], [3, 4]]", [[1, 2], [3, 4]]),
    ("self.w[0] = [1, 2]", [1, 2]),
    ("x = 1, 2, 3", [1, 2, 3]),
    (">>> x = np.array([[1, 2],\n...               [3, 4]])", [[1, 2], [3, 4]]),
    (">>> x\narray([[1, 2],\n       [3, 4]])\n>>> ", [[1, 2], [3, 4]]),
    (">>> x = np.array([[1., 2.]])\n>>> x\narray([[1., 2.]])", [[1, 2]]),
    (">>> conv.bias\nParameter containing:\ntensor([0.5, -1.0], requires_grad=True)", [0.5, -1]),
    ("In [2]: x = np.array([[1, 2],\n   ...:               [3, 4]])", [[1, 2], [3, 4]]),
    ("Out[3]: \narray([[1, 2],\n       [3, 4]])", [[1, 2], [3, 4]]),
    ("In [4]: print(x)\n[[1 2]\n [3 4]]", [[1, 2], [3, 4]]),
    ("[1_000, 2]", [1000, 2]),
    ("[\n  1, 2,  # the first\n  3,\n]", [1, 2, 3]),
    ("x = [[1, 2],  # 0\n     [3, 4]]  # 1", [[1, 2], [3, 4]]),
    ("dw =\n[[1. 2.]\n [3. 4.]]\n", [[1, 2], [3, 4]]),
    ('{"w": [[1, 2], [3, 4]]}', [[1, 2], [3, 4]]),
    ('{"name": "x", "stride": 2, "on": true,\n "data": [[1, 2]]}', [[1, 2]]),
    ('{"layer": {"w": [0.5]}}', [0.5]),
    ("{'w': array([1., 2.])}", [1, 2]),
    ('["1.5", "2"]', [1.5, 2]),
]  # fmt: skip

BRACKETS: Read = [
    ("[(1, 2), (3, 4)]", [[1, 2], [3, 4]]),
    ("([1, 2], [3, 4])", [[1, 2], [3, 4]]),
    ("((1, 2), (3, 4))", [[1, 2], [3, 4]]),
    ("[[(1, 2)], [(3, 4)]]", [[[1, 2]], [[3, 4]]]),
    ("[(1,), (2,)]", [[1], [2]]),
    ("(1, 2)", [1, 2]),
    ("(1, 2), (3, 4)", [[1, 2], [3, 4]]),
    ("[1, 2]\n[3, 4]", [[1, 2], [3, 4]]),
    ("[[1 2]\n [3 4]]\n\n[[5 6]\n [7 8]]", [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]),
    ("{{1, 2}, {3, 4}}", [[1, 2], [3, 4]]),
    ("{(1, 2), (3, 4)}", [[1, 2], [3, 4]]),
    ("[{1, 2}, {3, 4}]", [[1, 2], [3, 4]]),
    ("np.array(((1, 2), (3, 4)))", [[1, 2], [3, 4]]),
    ("[np.array([1, 2]), np.array([3, 4])]", [[1, 2], [3, 4]]),
    ("[(1), (2)]", [1, 2]),
    ("[[1, 2,], [3, 4,],]", [[1, 2], [3, 4]]),
    ("[[[[1]]]]", [[[[1]]]]),
    ("tuple([1, 2])", [1, 2]),
    ("list(([1, 2], [3, 4]))", [[1, 2], [3, 4]]),
    ("【1，2】", [1, 2]),
    ("［［１，２］，［３，４］］", [[1, 2], [3, 4]]),
    ("（（1、2）、（3、4））", [[1, 2], [3, 4]]),
    ("[[1 2][3 4]]", [[1, 2], [3, 4]]),
    ("[ [ 1, 2 ], [ 3, 4 ] ]", [[1, 2], [3, 4]]),
    ("⎡1  2⎤\n⎢    ⎥\n⎣3  4⎦", [[1, 2], [3, 4]]),
    ("Matrix([\n[1, 2],\n[3, 4]])", [[1, 2], [3, 4]]),
    ("[[1,\n  2],\n [3,\n  4]]", [[1, 2], [3, 4]]),
]

LANGUAGES: Read = [
    ("[2 3; 4 5]", [[2, 3], [4, 5]]),
    ("A = [2, 3; 4, 5];", [[2, 3], [4, 5]]),
    ("[1 -2; +3 .5]", [[1, -2], [3, 0.5]]),
    ("[1,0;0,1]", [[1, 0], [0, 1]]),
    ("A = [1 2\n     3 4]", [[1, 2], [3, 4]]),
    ("A = [1 2 ...\n     3 4]", [1, 2, 3, 4]),
    ("A = [1, 2, ...\n     3; ...\n     4, 5, 6];", [[1, 2, 3], [4, 5, 6]]),
    ("A = [1 2; % the first row\n     3 4]", [[1, 2], [3, 4]]),
    ("% a kernel\nk = [1; 2; 3]", [[1], [2], [3]]),
    ("[[1 2]; [3 4]]", [[1, 2], [3, 4]]),
    (">> A = [1 2; 3 4]\n\nA =\n\n     1     2\n     3     4\n", [[1, 2], [3, 4]]),
    ("A =\n\n     1     2\n     3     4\n\n", [[1, 2], [3, 4]]),
    ("ans =\n\n   1.0e+03 *\n\n    0.0010    1.2345\n   -2.0000         0\n", [[1, 1234.5], [-2000, 0]]),
    ("ans(:,:,1) =\n\n     1     2\n     3     4\n\n\nans(:,:,2) =\n\n     5     6\n     7     8\n", [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]),
    ("A(:,:,1,1) =\n 1 2\nA(:,:,2,1) =\n 3 4\nA(:,:,1,2) =\n 5 6\nA(:,:,2,2) =\n 7 8\n", [[[[1, 2]], [[3, 4]]], [[[5, 6]], [[7, 8]]]]),
    ("A =\n\n  Columns 1 through 3\n\n     1     2     3\n     6     7     8\n\n  Columns 4 through 5\n\n     4     5\n     9    10\n", [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]]),
    ("A =\n\n  Columns 1 through 2\n\n     1     2\n\n  Column 3\n\n     3\n", [[1, 2, 3]]),
    ("A =\n\n Columns 1 through 3:\n\n   1   2   3\n\n Columns 4 and 5:\n\n   4   5\n\n", [[1, 2, 3, 4, 5]]),
    ("A =\n\n  2×2 single matrix\n\n     1     2\n     3     4\n", [[1, 2], [3, 4]]),
    ("1.2345D+02 -4.5D-01\n0.25D+00 1.0D+00", [[123.45, -0.45], [0.25, 1.0]]),
    ("  1.0E+00  2.5E-01\n -3.0E+00  0.0E+00", [[1, 0.25], [-3, 0]]),
    ("(/ 1.0d0, 2.0d0 /)", "refuse"),
    ("\\begin{bmatrix} 1 & 2 \\\\ 7 & 8 \\end{bmatrix}", [[1, 2], [7, 8]]),
    ("$$\nW = \\begin{pmatrix}\n  1 & -2 \\\\\n  7{,}5 & 8 \\\\\n\\end{pmatrix}.\n$$", [[1, -2], [7.5, 8]]),
    ("\\left[\\begin{array}{cc} 1 & 2 \\\\ \\hline 3 & 4 \\end{array}\\right]", [[1, 2], [3, 4]]),
    ("\\mathbf{w}_{1} = \\begin{bmatrix}1\\\\2\\\\3\\end{bmatrix}", [[1], [2], [3]]),
    ("1 & 2 \\\\\n3 & 4", [[1, 2], [3, 4]]),
    ("\\begin{bmatrix*}[r] -1 & 2 \\\\[2pt] 3 & {-4} \\end{bmatrix*}", [[-1, 2], [3, -4]]),
    ("float x[2][2] = {{1.0f, 2.f}, {3, 4}};", [[1, 2], [3, 4]]),
    ("static const double k[2][3] = {1, 2, 3, 4, 5, 6};", [[1, 2, 3], [4, 5, 6]]),
    ("std::vector<std::vector<float>> x = {{1.5f, 2}, {3, 4}};", [[1.5, 2], [3, 4]]),
    ("torch::tensor({{1.0, 2.0}, {3.0, 4.0}})", [[1, 2], [3, 4]]),
    ("float k[] = { // a kernel\n  1, 2, /* and */\n  3 };", [1, 2, 3]),
    ("double[][] x = new double[][] {{1.0, 2.0d}, {3, 4}};", [[1, 2], [3, 4]]),
    ("var x = [][]float64{{1, 2}, {3, 4}}", [[1, 2], [3, 4]]),
    ("const x = new Float32Array([1, 2.5]);", [1, 2.5]),
    ("Float32Array(3) [ 1, 2.5, -3 ]", [1, 2.5, -3]),
    ("let x = vec![1.0_f32, 2.0];", [1, 2]),
    ("[2, 3;\n 4, 5]", [[2, 3], [4, 5]]),
    ("c(1, 2, 3)", [1, 2, 3]),
    ("x <- c(1.5, 2)", [1.5, 2]),
    ("matrix(c(1, 2, 3, 4), nrow = 2)", [[1, 3], [2, 4]]),
    ("matrix(c(1, 2, 3, 4, 5, 6), nrow=2, byrow=TRUE)", [[1, 2, 3], [4, 5, 6]]),
    ("matrix(c(1, 2, 3, 4, 5, 6), 2, 3)", [[1, 3, 5], [2, 4, 6]]),
    ("structure(c(1, 2, 3, 4), dim = c(2L, 2L))", [[1, 3], [2, 4]]),
    ("array(c(1, 2, 3, 4, 5, 6, 7, 8), dim = c(2, 2, 2))", [[[1, 3], [2, 4]], [[5, 7], [6, 8]]]),
    ("rbind(c(1, 2), c(3, 4))", [[1, 2], [3, 4]]),
    ("cbind(c(1, 2), c(3, 4))", [[1, 3], [2, 4]]),
    ("     [,1] [,2]\n[1,]    1    3\n[2,]    2    4", [[1, 3], [2, 4]]),
    ("     [,1] [,2]\n[1,]    1    3\n[2,]    2    4\n     [,3]\n[1,]    5\n[2,]   -6", [[1, 3, 5], [2, 4, -6]]),
    (", , 1\n\n     [,1] [,2]\n[1,]    1    3\n[2,]    2    4\n\n, , 2\n\n     [,1] [,2]\n[1,]    5    7\n[2,]    6    8\n", [[[1, 3], [2, 4]], [[5, 7], [6, 8]]]),
    ("[1] 1.5 2.0 3.0\n[4] 4.0 5.0", [1.5, 2, 3, 4, 5]),
    ("> x\n[1]  1 -2\n", [1, -2]),
    ("2×2 Matrix{Float64}:\n 1.0  2.0\n 3.0  4.0", [[1, 2], [3, 4]]),
    ("3-element Vector{Int64}:\n 1\n 2\n 3", [1, 2, 3]),
    ("1×2×2 Array{Int64, 3}:\n[:, :, 1] =\n 1  2\n\n[:, :, 2] =\n 3  4", [[[1, 2]], [[3, 4]]]),
    ("Float64[1.0 2.0; 3.0 4.0]", [[1, 2], [3, 4]]),
    ("julia> [1 2; 3 4]\n2×2 Matrix{Int64}:\n 1  2\n 3  4", [[1, 2], [3, 4]]),
    ("{{1, 2.}, {1.5*^-3, -4}}", [[1, 2], [0.0015, -4]]),
    ("{1.5`, 2.25`20.}", [1.5, 2.25]),
]  # fmt: skip

SPREADSHEETS: Read = [
    ("1\t2\t3\r\n4\t5\t6\r\n", [[1, 2, 3], [4, 5, 6]]),
    ("1,5\t2\n-3\t,25\t\n", [[1.5, 2], [-3, 0.25]]),
    ("1,234\t0.5\n2,000\t1.5", [[1234, 0.5], [2000, 1.5]]),
    ("1.234,5\t2\n-0,5\t3", [[1234.5, 2], [-0.5, 3]]),
    ("1.234.567\t1", [[1234567, 1]]),
    ("1,234,567\t1,000", [[1234567, 1000]]),
    ("1,234.5\t2", [[1234.5, 2]]),
    ("0,125\t0,250", [[0.125, 0.25]]),
    ("0,5 1,25\n2,5 3,75", [[0.5, 1.25], [2.5, 3.75]]),
    ("0,5;1,25\n2,5;3,75", [[0.5, 1.25], [2.5, 3.75]]),
    ("0,5;1\n2;3", [[0.5, 1], [2, 3]]),
    ("1.234,5;2\n3;4", [[1234.5, 2], [3, 4]]),
    ("1;2\n3;4", [[1, 2], [3, 4]]),
    ("1 2; 3 4", [[1, 2], [3, 4]]),
    ("1, 2; 3, 4", [[1, 2], [3, 4]]),
    ("1\u202f234,5\t2\n3\t4", [[1234.5, 2], [3, 4]]),
    ("1\u00a0234,5;2,5\n3;4", [[1234.5, 2.5], [3, 4]]),
    ("1\u202f234,5 2\u202f345,6", [[1234.5, 2345.6]]),
    ("1'234.5\t2\n3\t4", [[1234.5, 2], [3, 4]]),
    ("1’234’567\t-2’000.5", [[1234567, -2000.5]]),
    ('"1.5","2"\n"3","4"', [[1.5, 2], [3, 4]]),
    ('"1,5","2,25"\n"3","4"', [[1.5, 2.25], [3, 4]]),
    ('"1,234.5","2"', [[1234.5, 2]]),
    ('"1,5";"2"\n3;4', [[1.5, 2], [3, 4]]),
    ("1.5,2.5\n3.5,4.5", [[1.5, 2.5], [3.5, 4.5]]),
    ("1,2,3", [[1, 2, 3]]),
    ("1,2,3\n4,5,6", [[1, 2, 3], [4, 5, 6]]),
    ("1, 2\n3, 4", [[1, 2], [3, 4]]),
    ("1,-2\n3,4", [[1, -2], [3, 4]]),
    ("１２　３\n４　５．５", [[12, 3], [4, 5.5]]),
    ("1，2，3\n4，5，6", [[1, 2, 3], [4, 5, 6]]),
    ("1、2\n3、4", [[1, 2], [3, 4]]),
    ("1，2；3，4", [[1, 2], [3, 4]]),
    ("12，128，3", [[12, 128, 3]]),
    ("1.234 2.000\n3.500 4.250", [[1.234, 2], [3.5, 4.25]]),
    ("12 345 678", [[12, 345, 678]]),
    ("1 2\n3 4\n\n5 6\n7 8\n", [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]),
    ("# [0]\n1 2\n# [1]\n3 4", [[[1, 2]], [[3, 4]]]),
    ("1 2  # the first row\n3 4", [[1, 2], [3, 4]]),
    ("# written by np.savetxt\n1.0e+00 2.5e-01", [[1, 0.25]]),
]

SIGNS: Read = [
    ("–30 10\n10 40", [[-30, 10], [10, 40]]),  # noqa: RUF001
    *((f"{minus}1.5 2", [[-1.5, 2]]) for minus in "−‒–—‐‑－﹣"),
    ("1e−5 2e–3", [[1e-5, 2e-3]]),  # noqa: RUF001
    ("＋1 2", [[1, 2]]),
    ("1\u00a02\n3\u00a04", [[1, 2], [3, 4]]),
    *((f"1{space}2\n3{space}4", [[1, 2], [3, 4]]) for space in "\u2002\u2003\u2007\u2009\u202f\u3000\u205f"),
    ("\ufeff1 2\n3 4", [[1, 2], [3, 4]]),
    ("\u200b1 \u200b2\u200b", [[1, 2]]),
    ("[1,\u200b 2\u2060]", [1, 2]),
    ("１２．５ ３", [[12.5, 3]]),
    ("１ｅ３ ２", [[1000, 2]]),
    ("٣ ٤٫٥", [[3, 4.5]]),
    ("𝟏 𝟐", [[1, 2]]),
    ("1\u2028 2", [[1], [2]]),
    ("[−1, −2]", [-1, -2]),
    ("“1.5”,“2”", [[1.5, 2]]),
    ("-0 0 -0.0", [[0, 0, 0]]),
]  # fmt: skip

REFUSED: Refused = [
    # what was left out, with the advice of the tool that left it out
    ("[[1 2 ... 8 9]]", "dots", {}),
    ("array([   0,    1,    2, ..., 1997, 1998, 1999], shape=(2000,))", "dots", {}),
    ("tensor([[1., 2., 3.,  ..., 8., 9.]])", "cut", {"tool": "PyTorch"}),
    ("tf.Tensor([1. 2. ... 8. 9.], shape=(99,), dtype=float32)", "cut", {"tool": "TensorFlow"}),
    ("<tf.Tensor: shape=(99,), dtype=float32, numpy=array([1., ..., 9.], dtype=float32)>", "cut", {"tool": "TensorFlow"}),
    ("Array([0., 1., ..., 9.], dtype=float32)", "cut", {"tool": "JAX"}),
    ("\n[1. 2. ... 8. 9.]\n<NDArray 99 @cpu(0)>", "cut", {"tool": "MXNet"}),
    ("     0    1   ...  9\n0  1.0  1.0  ...  1.0\n\n[9 rows x 10 columns]", "cut", {"tool": "pandas"}),
    ("9×9 Matrix{Float64}:\n 1.0  2.0  …  3.0\n ⋮         ⋱", "cut", {"tool": "Julia"}),
    ('[1] 1 2\n [ reached getOption("max.print") -- omitted 8 entries ]', "cut", {"tool": "R"}),
    ("1, 2, ..., 9", "dotted", {}),
    ("[1, 2, …, 9]", "dotted", {}),
    # names of rows and columns
    ("   0  1\n0  5  6\n1  7  8", "names", {}),
    ("   a    b\n0  5  6.0\n1  7  8.5", "names", {}),
    ("a,b\n1,2\n3,4", "word", {"what": "a", "line": 1}),
    ("0    5\n1    7\nName: 0, dtype: int64", "names", {}),
    ("      a b\n[1,] 1 2\n[2,] 3 4", "names", {}),
    # what a spreadsheet has in place of a number
    *((f"1\t2\n{word}\t4", "word", {"what": word, "line": 2}) for word in
      ["#N/A", "#DIV/0!", "#NV", "#WERT!", "#REF!", "NA", "NULL", "n/a", "50%", "€5", "$5", "5 €", "½", "1/2", "2024-01-05", "05.01.2024",
       "12:30", "1.2.3", "--5", "5-", "1-2", "x", "-", "(5)", "0x10", "1e", "1.5e3.2", "10³", "1×10^3", "'5", "∞", "1,2,3"]),
    ("#N/A\n2", "word", {"what": "#N/A", "line": 1}),
    ("# 1 2\n3 4", "comment", {"line": 1}),
    ("# items\t5\n3\t4", "comment", {"line": 1}),
    ("5\t# of items\n3\t4", "word", {"what": "# of items", "line": 1}),
    ("50% & 30%", "word", {}),
    ("1 & 2 \\\\ \\\\ 3 & 4", "empty", {}),
    (";1,2", "empty", {"line": 1}),
    ("01_02 1_0", "word", {"what": "01_02"}),
    ("[1, 2] x =", "word", {"what": "x"}),
    ("1 2\n3 4 # 5", "comment", {"line": 2}),
    ('"1""2" 3', "word", {"line": 1}),
    ("1\t\t3", "empty", {"line": 1}),
    ("1,,3", "empty", {"line": 1}),
    ("[1,,3]", "empty", {"line": 1}),
    # two meanings
    ("1,0;0,1", "doubt", {}),
    ("0,5;1,25", "doubt", {}),
    ("1,234\t2,000", "doubt", {}),
    ("1,234;2,000\n3;4", "doubt", {}),
    ("1,234", "doubt", {}),
    ("1,5", "doubt", {}),
    ("1,5\n2,5", "doubt", {}),
    ("1,5, 2,5", "doubt", {}),
    ("1,234 2,000", "doubt", {}),
    ("1,2 3\n4,5 6", "doubt", {}),
    ("1\u00a0234", "doubt", {}),
    ("1 234;5 678", "doubt", {}),
    ("1 234\t5", "doubt", {}),
    ("1，234，567", "doubt", {}),
    ("1,234\t1.234", "doubt", {}),
    ("1 ,25", "doubt", {}),
    ("[0,5 1,25]", "comma", {"what": "0,5"}),
    ("(1,5; 2,5)", "comma", {"what": "1,5"}),
    ("[1,5, 2,5]", "comma", {"what": "1,5"}),
    ("[1.0 2.0 3.0 4.0 5.0 6.0 7.0 8.0 9.0 10.0 11.0\n 1.0 2.0 3.0 4.0 5.0 6.0 7.0 8.0 9.0 10.0 11.0]", "doubt", {}),
    # more than one array
    ("dw =\n[[1. 2.]]\ndb =\n[3.]\n", "several", {"names": "dw, db"}),
    ("a = [1 2]; b = [3 4];", "several", {"names": "a, b"}),
    ('{"w": [1, 2], "b": [3]}', "several", {"names": "w, b"}),
    (">>> x\narray([1, 2])\n>>> y\narray([3, 4])", "several", {"names": "x, y"}),
    ("\\begin{bmatrix}1\\end{bmatrix} \\begin{bmatrix}2\\end{bmatrix}", "several", {}),
    # what computes
    ("np.zeros((2, 2))", "call", {"what": "np.zeros"}),
    ("torch.Tensor(2, 3)", "call", {"what": "torch.Tensor"}),
    ("range(5)", "call", {"what": "range"}),
    ("[sqrt(4), 2]", "call", {"what": "sqrt"}),
    ("matrix(c(1, 2, 3), nrow = 2)", "call", {"what": "matrix"}),
    ("np.array([1, 2]) / 255", "word", {"what": "/"}),
    ("0.5 * [1, 2]", "word", {"what": "*"}),
    ("[1 2]'", "word", {"what": "'"}),
    ("[1 - 2]", "word", {"what": "-"}),
    ("[1-2 3]", "word", {"what": "1-2"}),
    ("[1:5]", "word", {}),
    ("[1, 2].T", "word", {"what": ".T"}),
    ("[2*0.0, 1]", "word", {"what": "2*0.0"}),
    ("2*0.0 1", "word", {"what": "2*0.0"}),
    ("x += [1, 2]", "word", {}),
    ("\\frac{1}{9}\\begin{bmatrix} 1 & 1 \\end{bmatrix}", "word", {}),
    ("3\\begin{bmatrix} 1 & 1 \\end{bmatrix}", "word", {}),
    ("\\begin{bmatrix} 1 & 1 \\end{bmatrix}^T", "word", {}),
    ("\\begin{bmatrix} 1 & \\frac12 \\\\ 3 & 4 \\end{bmatrix}", "word", {"line": 1}),
    ("\\begin{bmatrix} 1 & \\\\ 3 & 4 \\end{bmatrix}", "ragged", {}),
    # what is no number of an array
    ("[[1, nan]]", "word", {"what": "nan"}),
    ("tensor([1., inf])", "word", {"what": "inf"}),
    ("[True, False]", "word", {"what": "True"}),
    ("array([1.+2.j])", "word", {"what": "1.+2.j"}),
    ("[1, null]", "word", {"what": "null"}),
    ("['a', 'b']", "word", {"what": "'a'"}),
    ("[010, 1]", "word", {"what": "010"}),
    ("masked_array(data=[1, --],\n             mask=[False,  True],\n       fill_value=999999)", "word", {"what": "--"}),
    ("1e999 1", "size", {"what": "1e999", "line": 1}),
    ("[1, 1e-999]", "size", {"what": "1e-999", "line": 1}),
    ("1\u200b2 3", "hidden", {"line": 1}),
    ("1 2\n\u00ad5 3", "hidden", {"line": 2}),
    # what does not fit together
    ("array([[1, 2]], shape=(2, 2))", "shape", {"printed": "2×2", "found": "1×2"}),
    ("[[1. 2.]]\n<NDArray 2x2 @cpu(0)>", "shape", {"printed": "2×2", "found": "1×2"}),
    ("float x[3][3] = {0};", "shape", {"printed": "3×3", "found": "1"}),
    ("2×2 Matrix{Float64}:\n 1.0  2.0", "shape", {"printed": "2×2", "found": "1×2"}),
    (" 1 2\n[ CPUFloatType{2,2} ]", "shape", {"printed": "2×2", "found": "1×2"}),
    ("A =\n\n  Columns 1 through 2\n\n 1 2\n\n  Columns 4 through 5\n\n 4 5\n", "order", {}),
    ("[1] 1 2 3\n[5] 5 6", "order", {"line": 2}),
    ("     [,1] [,2]\n[1,]    1    3\n[3,]    2    4", "order", {"line": 3}),
    ("ans(:,:,1) =\n 1 2\nans(:,:,3) =\n 3 4\n", "order", {}),
    ("[[1, 2], [3]", "brackets", {}),
    ("[1, 2)", "brackets", {}),
    ("[1, [2]]", "maps", {}),
    ("[1 2; 3]", "ragged", {"cells": 1, "wanted": 2}),
    ("(5)\n(3)", "word", {}),
    ("<tf.Tensor 'x:0' shape=(2,) dtype=float32>", "word", {}),
    ("array([], shape=(0, 3), dtype=float64)", "nothing", {}),
    ("{}", "nothing", {}),
]  # fmt: skip


@pytest.mark.parametrize("table", [FRAMEWORKS, BRACKETS, LANGUAGES, SPREADSHEETS, SIGNS])
def test_what_is_printed_and_written_is_read_as_it_was_meant(table: Read):
    assert len(table) >= 20
    wrong = []
    for (text, right), said in zip(table, read(*(text for text, _ in table)), strict=True):
        if right == "refuse":
            fine = "reason" in said
        else:
            meant = np.array(right, float)
            fine = said == {"shape": list(meant.shape), "cells": meant.ravel().tolist()}
        if not fine:
            wrong.append(f"{text!r}: {said}, not {right}")
    assert not wrong, "\n".join(wrong)


def test_what_can_mean_two_things_or_none_is_refused_with_its_reason():
    wrong = []
    for (text, reason, values), said in zip(REFUSED, read(*(text for text, _, _ in REFUSED)), strict=True):
        if said.get("reason") != reason or not values.items() <= said["values"].items():
            wrong.append(f"{text!r}: {said}, not {reason} {values}")
    assert not wrong, "\n".join(wrong)


def test_every_reason_for_a_refusal_has_a_sentence():
    static = ROOT / "static"
    reasons = re.findall(r'"(\w+)"', (static / "unreadable.js").read_text(encoding="utf-8").split("Reason */")[0])
    sheet = (static / "editor.js").read_text(encoding="utf-8")
    assert len(reasons) > 15
    assert {reason for _, reason, _ in REFUSED} <= set(reasons)
    for reason in reasons:
        assert f'{reason}: () => say("editor.{reason}")' in sheet, reason


# --- what really prints -----------------------------------------------------------------------------------------------

RNG = np.random.default_rng(12)
SHAPES = [(1,), (7,), (30,), (100,), (3, 4), (2, 30), (2, 3, 4), (1, 1, 1), (2, 3, 2, 2), (2, 1, 1, 40)]
SCALES = {
    "whole": lambda shape: RNG.integers(-99, 100, shape).astype(float),
    "decimals": lambda shape: RNG.normal(size=shape).round(3),
    "full": lambda shape: RNG.normal(size=shape),
    "tiny": lambda shape: RNG.normal(size=shape) * 1e-9,
    "huge": lambda shape: RNG.normal(size=shape) * 1e9,
    "mixed": lambda shape: RNG.normal(size=shape) * 10.0 ** RNG.integers(-12, 12, shape),
    "singles": lambda shape: RNG.normal(size=shape).astype(np.float32),
    "integers": lambda shape: RNG.integers(-300, 300, shape),
}


def digits(text: str) -> list[float]:
    """The numbers that stand in a print of NumPy, as Python reads them."""
    bare = re.sub(r"dtype=\w+|shape=\([\d, ]*\)|(float|int)\d+", "", text)
    return [float(word) for word in re.findall(r"[-+]?\d+\.?\d*(?:e[-+]?\d+)?", bare)]


@pytest.mark.parametrize("floatmode", ["unique", "maxprec", "fixed"])
def test_what_numpy_python_and_json_print_is_read_digit_by_digit(floatmode: Any):
    texts, shapes = [], []
    for make in SCALES.values():
        for shape in SHAPES:
            values = make(shape)
            with np.printoptions(threshold=100_000, floatmode=floatmode, precision=4 if floatmode != "unique" else 8):
                printed = [str(values), repr(values), f"x = np.{values!r}", f">>> x\n{values!r}\n"]
            printed += [
                str(list(values.ravel())) if values.ndim == 1 else str(values.tolist()),
                json.dumps(values.tolist()),
            ]
            texts += printed
            shapes += [shape] * len(printed)
    for text, shape, said in zip(texts, shapes, read(*texts), strict=True):
        assert said == {"shape": list(shape), "cells": [cell + 0.0 for cell in digits(text)]}, text


def test_the_text_of_an_array_and_what_fortran_and_spreadsheets_make_of_it_are_read_alike():
    arrays = [make(shape).astype(float) for make in SCALES.values() for shape in [(3, 4), (2, 3, 4), (2, 3, 2, 2)]]
    written = node("written", matrices=[{"shape": a.shape, "cells": a.ravel().tolist()} for a in arrays])
    texts, cells = [], []
    for array, each in zip(arrays, written, strict=True):
        rows = array.reshape(-1, array.shape[-1])
        fortran = "\n".join(" ".join(f"{cell:.17e}".replace("e", "D") for cell in row) for row in rows)
        english = "\n".join("\t".join(f"{cell:,.30f}" for cell in row) for row in rows)
        german = english.translate(str.maketrans(",.", ".,"))
        french = english.translate(str.maketrans({",": "\u202f", ".": ","}))
        swiss = english.replace(",", "’")
        texts += [each["lines"], fortran, english, german, french, swiss]
        cells += [array.ravel().tolist()] * 2 + [[float(f"{cell:.30f}") for cell in array.ravel()]] * 4
    for text, right, said in zip(texts, cells, read(*texts), strict=True):
        assert said.get("cells") == [cell + 0.0 for cell in right], f"{text}: {said}"


PIECES = [*"01259.,;-+e[](){}#%'\":*/=xD ", *"\t\n\n  ", "1.5", "-3", "0,5", "1,234", "12", "...", "nan", "–", "，", "\u00a0",
          "\u200b", " [1, 2] ", "np.array(", "float32(", "c(", "\\\\", "&", ">>> ", "1e999", "1_0", ", ", "# "]  # fmt: skip


def stand_for(text: str) -> set[float]:
    """Every number that some whole word of a text can stand for, in whatever country."""
    plain = text.replace("–", "-").replace("，", ", ")  # noqa: RUF001
    found = set()
    for start in (match.start() for match in re.finditer(r"(?<![\d.\w])[-+]?[\d.,]", plain)):
        whole = re.match(r"[-+\d.,'_eEdD\u00a0 ]*", plain[start:])
        assert whole
        for end in range(start + 1, start + whole.end() + 1):
            after = plain[end : end + 1]
            if (after.isalnum() and after not in "fdLDF") or after == "_":
                continue
            word = plain[start:end]
            for other in (word, word.replace(",", ""), word.replace(".", "").replace(",", ".")):
                with contextlib.suppress(ValueError):
                    found.add(float(re.sub("[Dd]", "e", re.sub("['\u00a0 ]", "", other)).strip(",")) + 0.0)
    return found


def test_no_text_yields_a_number_that_does_not_stand_in_it_and_each_other_is_refused_in_words():
    chance = random.Random(7)
    texts = ["".join(chance.choices(PIECES, k=chance.randrange(1, 14))) for _ in range(12_000)]
    texts += ["".join(chance.choices([*PIECES[:14], " ", " ", "\n"], k=chance.randrange(3, 12))) for _ in range(12_000)]
    said = read(*texts)
    arrays = [(text, each["cells"]) for text, each in zip(texts, said, strict=True) if "cells" in each]
    assert len(arrays) > 1000
    for text, each in zip(texts, said, strict=True):
        assert each.get("reason") or each.get("cells"), f"{text!r}: {each}"
    for text, cells in arrays:
        assert set(cells) <= stand_for(text), f"{text!r}: {cells}"
