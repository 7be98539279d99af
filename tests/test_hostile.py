"""Requests that mean harm: each has its one right answer at once, in the one form, nothing of it comes back, and nobody
else waits for it.
"""

import base64
import contextlib
import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import pytest

from app.api.openapi import BODY_REFUSALS, REFUSALS
from app.ground import limits
from tests.cases import each
from tests.conftest import Server, serving

MARKER = b"zq7marker"  # stands in every request, and in no answer
STREAM = b"/api/conv2d/walk/stream?"
LONG = STREAM + b"in_height=64&in_width=64&in_channels=3&out_channels=3&stride=1"
SHORT = STREAM + b"in_height=4&in_width=4"
MEMORY = 300_000  # kB that the server may ever have
HOST = b"Host: 127.0.0.1\r\n"


class Case(NamedTuple):
    """A request, and its right answer: the status, and which part of the request it names."""

    request: bytes
    status: int
    setting: str | None = None


def get(address: bytes, *headers: bytes, host: bytes = b"127.0.0.1") -> bytes:
    return b"\r\n".join([b"GET " + address + b" HTTP/1.1", b"Host: " + host, *headers, b"", b""])


def asking(query: str | bytes, setting: str | None, status: int = 422) -> Case:
    """A request for a walk; the marker stands in a header where the query has no room for it."""
    raw = query.encode() if isinstance(query, str) else query
    return Case(get(STREAM + raw, b"X-Note: " + MARKER), status, setting)


def array(text: str, setting: str = "x") -> Case:
    return asking(f"x={quote(text, safe='')}", setting)


def at(address: bytes, status: int = 404, setting: str | None = None) -> Case:
    return Case(get(address, b"X-Note: " + MARKER), status, setting)


def framed(*headers: bytes, body: bytes = b"", status: int = 400) -> Case:
    """A request whose end is hard to tell: two of them would be smuggled past a proxy as one."""
    return Case(get(b"/api/layers", b"X-Note: " + MARKER, *headers) + body, status)


POST = b"POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


def posted(
    body: bytes,
    setting: str | None = None,
    status: int = 422,
    query: bytes = b"",
    kind: bytes = b"application/json",
    address: bytes = STREAM,
) -> Case:
    """A walk whose arrays stand in a body; the marker stands in a header where that has no room for it."""
    head = POST.replace(b"application/json", kind) % (address + query, len(body))
    return Case(head.replace(b"\r\n\r\n", b"\r\nX-Note: " + MARKER + b"\r\n\r\n") + body, status, setting)


def hosted(host: bytes, status: int) -> Case:
    return Case(get(b"/api/layers?" + MARKER, host=host), status)


def raw(request: bytes, status: int = 400) -> Case:
    return Case(request, status)


COMPARE = b"/api/conv2d/walk/compare?"


def compared(body: str, setting: str | None, query: bytes = b"") -> Case:
    """An array to compare, as it should not be."""
    return posted(body.encode(), setting, query=query, address=COMPARE)


def values(text: str, setting: str | None = "values") -> Case:
    return compared(f'{{"array": "dx", "values": {text}}}', setting)


HUGE = base64.urlsafe_b64encode(b"\xff" * 30_000).decode()
MANY = ",".join(["1"] * 15_000)

REQUESTS = {
    # Values, and arrays as JSON
    "huge padding": asking("padding=20000", "padding"),
    "padding beyond what an int holds": asking("padding=" + "9" * 5000, "padding"),
    "negative padding": asking("padding=-1", "padding"),
    "padding in four parts": asking("padding=1,2,3,4,5,6,7,8,9", "padding"),
    "sixty thousand commas": asking("padding=" + "," * 60_000, "padding"),
    "stride 0": asking("stride=0", "stride"),
    "stride of one and a half": asking("stride=1.5", "stride"),
    "stride in words": asking(b"stride=" + MARKER, "stride"),
    "stride true": asking("stride=true", "stride"),
    "stride empty": asking("stride=", "stride"),
    "stride in Arabic digits": asking("stride=" + quote("٢"), "stride"),
    "learning rate in full-width digits": asking("learning_rate=" + quote("１"), "learning_rate"),
    "learning rate NaN": asking("learning_rate=nan", "learning_rate"),
    "learning rate infinite": asking("learning_rate=1e999", "learning_rate"),
    "learning rate of sixty thousand digits": asking("learning_rate=0." + "1" * 60_000, "learning_rate"),
    "an unknown activation": asking(b"activation=" + MARKER, "activation"),
    "markup for an activation": asking("activation=" + quote(f"<script>{MARKER.decode()}</script>"), "activation"),
    "everything at its largest": asking(
        "in_height=64&in_width=64&in_channels=16&out_channels=16&kernel_size=11&stride=1&padding=16&dilation=4",
        "in_height",
    ),
    "more steps than are walked": asking("in_height=64&in_width=64&out_channels=16&stride=1", "in_height"),
    "a kernel larger than the input": asking("kernel_size=11&in_height=1&in_width=1&dilation=8", "kernel_height"),
    "an unknown name": asking(MARKER + b"=1", None),
    "a name with a null byte": asking(b"stride%00" + MARKER + b"=1", None),
    "a value with a null byte": asking(b"stride=1%00" + MARKER, "stride"),
    "a repeated name": asking("stride=1&stride=" + MARKER.decode(), "stride"),
    "thirty thousand names": asking("a&" * 30_000, None),
    "a name that Python has": asking("__class__=" + MARKER.decode(), None),
    "a lone surrogate": asking(b"activation=%ED%A0%80" + MARKER, None),
    "bytes that are no text": asking(b"activation=%ff%fe" + MARKER, None),
    "a percent sign alone": asking(b"stride=%zz" + MARKER, "stride"),
    "a format string": asking("activation={setting.__class__}" + MARKER.decode(), "activation"),
    "a start far away": asking("start=999999999", "start"),
    "a start that is no number": asking(b"start=" + MARKER, "start"),
    "learning rate with an underscore": asking("learning_rate=1_0", "learning_rate"),
    "more cells than are shown in one walk": asking(
        "in_channels=16&in_height=64&in_width=64&out_channels=16&kernel_size=1&padding=0&stride=1", "in_height"
    ),
    "NaN in an array": array("[[[NaN,1],[2,3]]]"),
    "infinity in an array": array("[[[Infinity,1],[2,3]]]"),
    "overflow in an array": array("[[[1e999,1],[2,3]]]"),
    "a number of a thousand digits": array("[[[" + "9" * 1000 + "]]]"),
    "numbers that overflow in sums": array("[[[1e308,1e308],[1e308,1e308]]]"),
    "ragged rows": array("[[[1,2],[3]]]"),
    "rows of different depth": array("[[[1,2],[[3],4]]]"),
    "no rows": array("[]"),
    "empty rows": array("[[[]]]", "in_width"),
    "a word in an array": array(f'[[["{MARKER.decode()}"]]]'),
    "true in an array": array("[[[true,1],[2,3]]]"),
    "null in an array": array("[[[null,1],[2,3]]]"),
    "an object for an array": array(f'{{"{MARKER.decode()}":1}}'),
    "a lone surrogate in an array": array('["\\ud800"]'),
    "deep lists": asking("x=" + "[" * 20_000 + "]" * 20_000, "x"),
    "lists as deep as Python goes": asking("x=" + "[" * 1000 + "]" * 1000, "x"),
    "deep lists left open": asking("x=" + "[" * 60_000, "x"),
    "too many axes": array("[[[[[[1]]]]]]"),
    "fifteen thousand numbers in a row": array(f"[[[{MANY}]]]", "in_width"),
    "JSON cut short": array("[[[1,2"),
    "a shape of nine-digit sizes": asking("x=u8:999999999x999999999x999999999:AAAA", "x"),
    "a shape larger than its bytes": asking("x=f64:64x64x64:AAAA", "x"),
    "a negative shape": asking("x=u8:-1x-1x1:AA", "x"),
    "a shape in Arabic digits": asking("x=u8:" + quote("١x١x١") + ":AA", "x"),
    "an unknown kind of numbers": asking("x=object:1x1x1:AA", "x"),
    "NaN as bytes": asking("x=f64:1x1x1:" + base64.urlsafe_b64encode(b"\xff" * 8).decode(), "x"),
    "bytes that are no base64": asking(b"x=u8:1x1x1:*" + MARKER, "x"),
    "thirty thousand bytes": asking("x=u8:1x100x300:" + HUGE, "in_height"),
    "an address of ten megabytes": asking(b"x=" + MARKER + b"1" * 10_000_000, None, 414),
    # Shapes and products
    "rows of no length in a compact array": asking("x=u8:1x0x4:", "in_height"),
    "compact array of five axes": asking("x=u8:1x1x1x1x1:AA", "x"),
    "a shape that is empty": asking("x=u8::AA", "x"),
    "a shape with a sign": asking("x=u8:+1x1x1:AA", "x"),
    "infinity as bytes": asking("x=f32:1x1x1:AACAfw", "x"),
    "bytes that stop within a number": asking("x=f64:1x1x1:AAAA", "x"),
    "an array beside its own size": asking("x=[[[1,2],[3,4]]]&in_height=7&kernel_size=1&padding=0", "in_height"),
    "a weight for other channels": asking("w=[[[[1]]]]&x=[[[1]],[[2]]]&padding=0", "x"),
    "groups that do not divide": asking("groups=2", "groups"),
    "two numbers where there is one": asking("in_height=4,4", "in_height"),
    "hexadecimal": asking("stride=0x2", "stride"),
    "a plus sign": asking("stride=%2B2", "stride"),
    "a start below zero": asking("start=-1", "start"),
    "a start in Arabic digits": asking("start=" + quote("١"), "start"),
    "both names of a size": asking("kernel_size=3&kernel_height=3", "kernel_height"),
    # Addresses
    "an unknown layer": at(b"/api/" + MARKER + b"/walk/stream", 404, "layer"),
    "an unknown algorithm": at(b"/api/conv2d/" + MARKER + b"/stream", 404, "algorithm"),
    "an algorithm that Python has": at(b"/api/conv2d/__init__/limits?" + MARKER, 404, "algorithm"),
    "an algorithm of another layer": at(b"/api/max_pool2d/flip/stream?" + MARKER, 404, "algorithm"),
    "limits of nonsense": at(b"/api/conv2d/walk/limits?stride=" + MARKER, 422, "stride"),
    "a start where there is none": at(b"/api/conv2d/walk/limits?start=" + MARKER, 422),
    "a figure with a start": at(b"/api/conv2d/walk/figure?start=" + MARKER, 422),
    "a figure that stops at nothing known": at(b"/api/conv2d/walk/figure?stop=" + MARKER, 422, "stop"),
    "a figure in colours of its own": at(b"/api/conv2d/walk/figure?theme=" + MARKER, 422, "theme"),
    "a figure that stops twice": at(b"/api/conv2d/walk/figure?stop=map&stop=cell&lang=" + MARKER, 422, "stop"),
    "the page of a figure of nothing": at(b"/" + MARKER + b"/walk/figure", 404, "layer"),
    "a copy in a language of its own": at(b"/api/conv2d/walk/code?as=" + MARKER, 422, "as"),
    "a path out of the folder": at(b"/static/x/../../../" + MARKER),
    "a path out of the folder, encoded": at(b"/static/x/%2e%2e/%2e%2e/" + MARKER),
    "a path out of the folder, encoded twice": at(b"/static/x/%252e%252e%252f" + MARKER),
    "an absolute path in a folder": at(b"/static/x/%2fetc%2f" + MARKER),
    "a path with null bytes": at(b"/static/x/%00" + MARKER),
    "a path of bytes that are no text": at(b"/%ff%fe" + MARKER),
    "a path of ten thousand parts": at(b"/" * 10_000 + MARKER),
    "two slashes and another site": at(b"//evil.example/%2e%2e/" + MARKER),
    "slashes that are encoded": at(b"/api%2flayers%2f" + MARKER),
    "a line break in a path": at(b"/%0d%0aSet-Cookie:%20" + MARKER),
    "a package of Python": at(b"/assets/..%2f..%2fsite-packages/" + MARKER),
    "a file beside the app": at(b"/.git/config/" + MARKER),
    "everything at once, an asterisk": at(b"*"),
    "an address just too long": asking(b"x=" + b"1" * limits.URL_BYTES + MARKER, None, 414),
    "an unknown language": Case(
        get(STREAM + b"stride=0&lang=../../" + MARKER, b"Accept-Language: " + b"zh-" * 10_000), 422, "stride"
    ),
    "raw bytes in the address": raw(get(STREAM + b"stride=\xff\x00" + MARKER)),
    "a space in the address": raw(get(b"/api/ " + MARKER)),
    "an address without a slash": raw(get(b"api/" + MARKER)),
    "backslashes": raw(get(b"\\..\\" + MARKER)),
    # Headers
    "a header of ten megabytes": Case(get(STREAM, b"X-Note: " + MARKER + b"1" * 10_000_000), 431),
    "a header of sixty thousand bytes": Case(get(STREAM, b"X-Note: " + MARKER + b"1" * 60_000), 431),
    "headers just too long altogether": Case(get(STREAM, *[b"X-Note: " + MARKER + b"1" * 3000] * 11), 431),
    "a hundred headers, and one": Case(get(STREAM, *[b"X: " + MARKER] * limits.HEADERS), 431),
    "a hundred thousand headers": Case(get(STREAM, *[b"X-Note: " + MARKER] * 100_000), 431),
    "a header without a colon": raw(get(b"/", MARKER)),
    "a header without a name": raw(get(b"/", b": " + MARKER)),
    "a header whose name is no text": raw(get(b"/", b"\xc3\xbc: " + MARKER)),
    "a header with a null byte": raw(get(b"/", b"X-Note: \0" + MARKER)),
    "a header over two lines": raw(get(b"/", b"X-Note: a", b" " + MARKER)),
    "a space before the colon": raw(get(b"/", b"X-Note : " + MARKER)),
    "a cookie of ten thousand letters": Case(
        get(STREAM + b"stride=0", b"Cookie: lang=;;=" + MARKER * 1100), 422, "stride"
    ),
    "languages that are no text": Case(get(STREAM + b"stride=0", b"Accept-Language: \xff" + MARKER), 422, "stride"),
    "thousands of encodings": Case(
        get(STREAM + b"stride=0&" + b"lang=" + MARKER, b"Accept-Encoding: " + b"gzip;q=," * 3500), 422, "stride"
    ),
    # Hosts
    "someone else's name": hosted(MARKER + b".example", 421),
    "someone else's name that begins with ours": hosted(b"127.0.0.1." + MARKER + b".example", 421),
    "someone else's name that ends with ours": hosted(MARKER + b"-localhost", 421),
    "a name of the neighbourhood": hosted(MARKER + b".local", 421),
    "a user at our name": hosted(MARKER + b"@localhost", 400),
    "a port that is a word": hosted(b"localhost:" + MARKER, 400),
    "a bracket alone": hosted(b"[", 400),
    "an address and more": hosted(b"[::1]" + MARKER, 400),
    "an empty host": hosted(b"", 400),
    "two hosts": Case(get(b"/api/layers", HOST.strip(), b"X-Note: " + MARKER), 400),
    "no host": raw(b"GET /api/layers?" + MARKER + b" HTTP/1.1\r\n\r\n"),
    "someone else's whole address": Case(get(b"http://evil.example/api/layers?" + MARKER), 421),
    "a whole address with a user": Case(get(b"http://" + MARKER + b"@127.0.0.1/api/layers"), 400),
    "a whole address of nobody": raw(get(b"http:///" + MARKER)),
    # Methods and protocols
    "no HTTP at all": raw(MARKER + b"\r\n\r\n"),
    "HTTP/0.9": raw(b"GET /" + MARKER + b"\r\n\r\n"),
    "the beginning of HTTP/2": raw(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + MARKER),
    "a version of its own": raw(b"GET / HTTP/9.9\r\n" + HOST + b"X-Note: " + MARKER + b"\r\n\r\n"),
    "a secret handshake": raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + MARKER + b"\0" * 200),
    "a method of its own": raw(b"STEAL " + STREAM + MARKER + b" HTTP/1.1\r\n" + HOST + b"\r\n"),
    "a method in small letters": raw(b"get /" + MARKER + b" HTTP/1.1\r\n" + HOST + b"\r\n"),
    "a method of a hundred thousand letters": raw(b"G" * 100_000 + MARKER),
    "a tunnel": raw(b"CONNECT evil.example:443 HTTP/1.1\r\n" + HOST + b"X-Note: " + MARKER + b"\r\n\r\n"),
    # Bodies
    "a body that is no JSON": posted(MARKER),
    "a body without an end": posted(b'{"x": [[['),
    "an empty body": posted(b""),
    "a body that is a list": posted(b'["' + MARKER + b'"]'),
    "an array of nobody's in a body": posted(b'{"' + MARKER + b'": [1]}'),
    "a setting in a body": posted(b'{"stride": 2}'),
    "an array in the address and in the body": posted(b'{"b": [1, 0]}', "b", query=b"b=[1,0]"),
    "a word in a body": posted(b'{"x": "' + MARKER + b'"}', "x"),
    "a number for an array": posted(b'{"x": 1}', "x"),
    "nothing for an array": posted(b'{"x": null}', "x"),
    "an object for an array in a body": posted(b'{"x": {"shape": [1]}}', "x"),
    "nothing of a great shape in a body": posted(b'{"x": "u8:0x99999x99999x99999x99999:"}', "x"),
    "a quarter of a million rows": posted(b'{"x": [[' + b"[1]," * 249_990 + b"[1]]]}"),
    "a true in a body": posted(b'{"b": [true, false]}', "b"),
    "NaN in a body": posted(b'{"b": [NaN, 1]}'),
    "overflow in a body": posted(b'{"b": [1e999, 1]}'),
    "NaN in the bytes of a body": posted(b'{"b": "f64:2:' + b"_" * 21 + b'8"}', "b"),
    "bytes that are too few in a body": posted(b'{"x": "f64:3x64x64:AAAA"}', "x"),
    "terabytes declared in a body": posted(b'{"x": "u8:99999x99999x99999:AAAA"}', "x"),
    "ragged rows in a body": posted(b'{"x": [[[1,2],[3]]]}', "x"),
    "brackets alone in a body": posted(b"[" * 900_000),
    "brackets in an array of a body": posted(b'{"x": ' + b"[" * 900 + b"]" * 900 + b"}", "x"),
    "a name of half a megabyte": posted(b'{"' + MARKER * 50_000 + b'": 1}'),
    "bytes that are no text in a body": posted(b'{"x": "\xff\xfe"}'),
    "a surrogate in a body": posted(b'{"\\ud800": 1}'),
    "a form where JSON is read": posted(b"x=1", status=415, kind=b"application/x-www-form-urlencoded"),
    "a body of no type": posted(b"{}", status=415, kind=b""),
    "a type that only begins like JSON": posted(b"{}", status=415, kind=b"application/jsonp"),
    "a body of a page elsewhere": posted(b"{}", status=415, kind=b"text/plain"),
    "a packed body": posted(b"\x1f\x8b" + MARKER, status=415, kind=b"application/json\r\nContent-Encoding: gzip"),
    "a body to an address that there is not": Case(POST % (b"/api/conv2d/walk/" + MARKER, 2) + b"{}", 404),
    "a body to no layer": Case(POST % (b"/api/" + MARKER + b"/walk/stream", 2) + b"{}", 404, "layer"),
    "a body where none is read": Case(
        b"POST /api/layers HTTP/1.1\r\n" + HOST + b"Content-Length: 9\r\n\r\n" + MARKER, 405
    ),
    "a form": Case(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 11\r\n\r\nx=" + MARKER, 405),
    "a file to keep": Case(b"PUT /static/x/" + MARKER + b" HTTP/1.1\r\n" + HOST + b"\r\n", 405),
    "an echo": Case(b"TRACE / HTTP/1.1\r\n" + HOST + b"X-Note: " + MARKER + b"\r\n\r\n", 405),
    # Bodies to be compared
    "a comparison without numbers": compared('{"array": "dx"}', None),
    "a comparison with a name of its own": compared(f'{{"array": "dx", "values": 1, "{MARKER.decode()}": 1}}', None),
    "a comparison with a list for arrays": compared('{"array": "dx", "values": 1, "arrays": []}', None),
    "a comparison with arrays of nobody's": compared(
        f'{{"array": "dx", "values": 1, "arrays": {{"{MARKER.decode()}": 1}}}}', None
    ),
    "arrays of a comparison in the address too": compared(
        '{"array": "dx", "values": 1, "arrays": {"b": [1, 0]}}', "b", query=b"b=[1,0]"
    ),
    "a word among the arrays of a comparison": compared(
        '{"array": "dx", "values": 1, "arrays": {"b": [1, "NaN"]}}', "b"
    ),
    "NaN among the arrays of a comparison": compared(
        '{"array": "dx", "values": 1, "arrays": {"b": "f64:2:AAAAAAAA-H8AAAAAAAD4fw"}}', "b"
    ),
    "lists of numbers that are too deep": values("[[[[[[[[1]]]]]]]]"),
    "many empty lists": values("[" + "[]," * 300_000 + "[]]", None),
    "many empty objects": values("[" + "{}," * 300_000 + "{}]", None),
    "half a million numbers": values("[" + "0," * 490_000 + "0]", "dx"),
    "a hundred thousand words": values("[" + '"NaN",' * 160_000 + '""]'),
    "a word among numbers": values(f'["{MARKER.decode()}"]'),
    "true among numbers": values("[true]"),
    "null for numbers": values("null"),
    "NaN that is no JSON": values("[NaN]", None),
    "rows that differ": values("[[1, 2], [3]]"),
    "cells without a shape": values('{"cells": [1]}'),
    "cells in rows": values('{"shape": [1], "cells": [[1]]}'),
    "a shape that lies": values('{"shape": [9999999, 9999999, 9999999], "cells": [1]}'),
    "a shape that comes to nothing": values('{"shape": [0, 9999999, 9999999, 9999999], "cells": []}'),
    "a shape below zero": values('{"shape": [-1, -1], "cells": [1]}'),
    "a shape of many sizes": values('{"shape": [' + "9999999," * 100_000 + '1], "cells": [1]}'),
    "a shape in words": values(f'{{"shape": ["{MARKER.decode()}"], "cells": [1]}}'),
    "a compact shape that lies": values('"f64:99999x99999x99999:AAAA"'),
    "another shape than the walk's": values("[[1, 2], [3, 4]]", "dx"),
    "an array that is not computed": compared('{"array": "x", "values": [1]}', "array"),
    "an array of no walk": compared(f'{{"array": "{MARKER.decode()}", "values": [1]}}', "array"),
    "an array without a name": compared('{"array": [], "values": [1]}', "array"),
    "a tolerance below zero": compared('{"array": "db", "values": [1, 2], "rtol": -1}', "rtol"),
    "a tolerance in words": compared('{"array": "db", "values": [1, 2], "atol": "1"}', "atol"),
    "a tolerance beyond all floats": compared('{"array": "db", "values": [1, 2], "atol": 1e300}', "atol"),
    "numbers of a kind of their own": compared('{"array": "db", "values": [1, 2], "dtype": "object"}', "dtype"),
    "a comparison on a walk that is wrong": compared('{"array": "db", "values": [1]}', "stride", query=b"stride=0"),
    "a comparison that is only read": at(b"/api/conv2d/walk/compare?" + MARKER, 405),
    "a comparison that is put": Case(
        b"PUT /api/conv2d/walk/compare?" + MARKER + b" HTTP/1.1\r\n" + HOST + b"Content-Length: 0\r\n\r\n", 405
    ),
    # Where one request ends and the next begins
    "a length and chunks": framed(b"Content-Length: 4", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
    "chunks and a length": framed(b"Transfer-Encoding: chunked", b"Content-Length: 4", body=b"0\r\n\r\n"),
    "two lengths": framed(b"Content-Length: 4", b"Content-Length: 5", body=b"abcde"),
    "a length below zero": framed(b"Content-Length: -1"),
    "a length with a sign": framed(b"Content-Length: +4", body=b"abcd"),
    "a length in hexadecimal": framed(b"Content-Length: 0x4", body=b"abcd"),
    "a length of thirty digits": framed(b"Content-Length: " + b"9" * 30),
    "an encoding of its own": framed(b"Transfer-Encoding: x" + MARKER),
    "chunks that are encoded again": framed(b"Transfer-Encoding: chunked, identity"),
    "chunks that are none": framed(b"Transfer-Encoding: chunked", body=MARKER + b"\r\n"),
    "a chunk of ten exabytes": framed(b"Transfer-Encoding: chunked", body=b"f" * 19 + b"\r\n"),
    "lines that end too early": raw(b"GET /" + MARKER + b" HTTP/1.1\n" + HOST.replace(b"\r", b"") + b"\n"),
}

# Unusual, and no harm in it: what would be refused here would be refused to an honest program too.
ODD = {
    "a whole address of ours": Case(get(b"http://127.0.0.1/api/layers"), 200),
    "HTTP/1.0 without a host": Case(b"GET /api/layers HTTP/1.0\r\n\r\n", 200),
    "a WebSocket": Case(get(b"/api/layers", b"Connection: Upgrade", b"Upgrade: websocket"), 200),
    "HTTP/2 instead": Case(get(b"/api/layers", b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c"), 200),
    "a hundred headers": Case(get(b"/api/layers", *[b"X: " + MARKER] * (limits.HEADERS - 1)), 200),
    "a header of thirty thousand bytes": Case(get(b"/api/layers", b"X-Note: " + MARKER + b"1" * 30_000), 200),
    "a long address and long headers": Case(
        get(STREAM + b"in_height=4&in_width=4&learning_rate=0." + b"1" * 20, b"X-Note: " + MARKER + b"1" * 31_000), 200
    ),
    "a part of it": Case(get(b"/api/layers", b"Range: bytes=0-1"), 200),
    "an older answer": Case(get(b"/api/layers", b'If-None-Match: "' + MARKER + b'", W/"'), 200),
    "any answer": Case(get(b"/api/layers", b"If-None-Match: " + b'"",' * 9000), 200),
    "an expectation": Case(get(b"/api/layers", b"Expect: " + MARKER), 200),
    "empty lines before it": Case(b"\r\n\r\n" + get(b"/api/layers"), 200),
    "a question about everything": Case(b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", 204),
    "a question of another site": Case(
        b"OPTIONS /api/layers HTTP/1.1\r\n" + HOST + b"Origin: https://evil.example\r\n\r\n", 204
    ),
    "a head": Case(b"HEAD " + LONG + b" HTTP/1.1\r\n" + HOST + b"\r\n", 200),
    "a name of this machine alone": Case(get(b"/api/layers", host=b"lesson.localhost:8000"), 200),
    "a name with a dot behind it": Case(get(b"/api/layers", host=b"LocalHost.:80"), 200),
    "an address of the next version": Case(get(b"/api/layers", host=b"[::1]:8000"), 200),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that nothing else is asked of. In the end it has needed little memory, and never lost its composure."""
    log = tmp_path_factory.mktemp("hostile") / "log.txt"
    with serving(log) as server:
        yield server
        if (status := Path(f"/proc/{server.process.pid}/status")).exists():
            assert int(re.findall(r"VmHWM:\s*(\d+) kB", status.read_text())[0]) < MEMORY
    assert "Traceback" not in log.read_text(), log.read_text()
    assert MARKER.decode() not in log.read_text()


@dataclass(frozen=True)
class Answer:
    status: int
    whole: bytes
    seconds: float

    @property
    def body(self) -> bytes:
        return self.whole.partition(b"\r\n\r\n")[2]


def send(server: Server, request: bytes) -> Answer:
    began = time.perf_counter()
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(request)
        whole = b""
        while not is_whole(whole, request):
            part = connection.recv(65536)
            assert part, f"it broke off after {whole!r}"
            whole += part
    return Answer(int(whole.split()[1]), whole, time.perf_counter() - began)


def is_whole(answer: bytes, request: bytes) -> bool:
    head, end, body = answer.partition(b"\r\n\r\n")
    sizes = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")]
    if b"transfer-encoding: chunked" in head.lower():
        return body.endswith(b"\r\n0\r\n\r\n")
    return bool(end) and (request.startswith(b"HEAD") or len(body) >= (sizes or [0])[0])


@contextmanager
def nobody_waits(server: Server) -> Iterator[list[float]]:
    """How long an ordinary reader waits meanwhile, who asks again and again; the seconds are there in the end."""
    waited: list[float] = []
    over = threading.Event()

    def read() -> None:
        for address in cycle((b"/", b"/api/layers", SHORT)):
            answer = send(server, get(address))
            assert answer.status == 200, answer.body
            waited.append(answer.seconds)
            if over.is_set() and len(waited) >= 3:
                return

    with ThreadPoolExecutor(1) as reader:
        reading = reader.submit(read)
        try:
            yield waited
        finally:
            over.set()
            reading.result()


def assert_nobody_waits(server: Server, harm: Callable[[], None]) -> None:
    """While harm is done, nobody else waits for a second. On a busy machine it may happen once, and not again."""
    slowest = []
    for _ in range(2):
        with nobody_waits(server) as waited:
            harm()
        slowest.append(max(waited))
        if slowest[-1] < 1:
            return
    pytest.fail(f"somebody waited for {slowest} seconds")


def test_there_are_enough_of_them_and_they_have_every_answer_that_refuses():
    assert len(REQUESTS) >= 90
    # The others are answers to many requests at once, to slow ones, and to large bodies.
    assert {case.status for case in REQUESTS.values()} | {408, 413, 429, 503} == REFUSALS.keys() | BODY_REFUSALS.keys()


@each("name", REQUESTS)
def test_a_hostile_request_has_its_right_answer_for_little_work_and_nothing_of_it_comes_back(server: Server, name: str):
    case = REQUESTS[name]
    assert MARKER in case.request
    send(server, case.request)  # what the first of a kind imports is known from here on
    before = server.cpu()
    for _ in range(5):
        answer = send(server, case.request)
        told = json.loads(answer.body)
        assert (answer.status, told["setting"]) == (case.status, case.setting), told
        assert list(told) == ["setting", "message"]
        assert MARKER not in answer.whole
        assert len(answer.whole) < 4096
        assert answer.whole.count(b"HTTP/1.1 ") == 1
        for header in (b"content-type: application/json", b"x-content-type-options: nosniff", b"content-security"):
            assert header in answer.whole.lower()
    assert server.cpu() - before < 1  # a few hundredths each at the most, and not a walk's seconds


@pytest.mark.parametrize("name", ODD)
def test_what_is_only_unusual_is_answered(server: Server, name: str):
    answer = send(server, ODD[name].request)
    assert answer.status == ODD[name].status
    assert MARKER not in answer.whole


@pytest.mark.parametrize(("begun", "status"), [(b"GET /?x=", 414), (b"GET / HTTP/1.1\r\nX-Note: ", 431)])
def test_an_endless_request_is_refused_before_its_end(server: Server, begun: bytes, status: int):
    assert send(server, begun + b"1" * 400_000).status == status


def test_all_of_them_at_once_let_an_ordinary_reader_through(server: Server):
    before = send(server, get(b"/api/layers"))

    def all_at_once() -> None:
        with ThreadPoolExecutor(8) as many:
            answers = many.map(lambda case: send(server, case.request).status, REQUESTS.values())
            assert list(answers) == [case.status for case in REQUESTS.values()]

    assert_nobody_waits(server, all_at_once)
    after = send(server, get(b"/api/layers"))
    assert (before.status, before.body) == (after.status, after.body)


# A million bytes each: a row of numbers, many rows, arrays that do not fit each other, and a picture to walk on.
BODIES = [
    b'{"x": [[' + b"[1]," * 249_990 + b"[1]]]}",
    b'{"x": [[[' + b"1," * 499_990 + b"1]]]}",
    b'{"x": "f64:16x64x64:' + b"A" * 699_051 + b'", "b": "u8:1000x1:' + b"A" * 200_000 + b'"}',
    b'{"x": "i32e-9:3x64x64:' + b"A" * 65_536 + b'"' + b" " * 900_000 + b"}",
]


# The largest gradient with all its digits, which differs everywhere, and half a million numbers that fit nothing.
SIZES = b"in_channels=16&in_height=64&in_width=64&out_channels=1&kernel_size=1&stride=16&padding=0"
LARGEST = b"/api/conv2d/input_gradient/compare?" + SIZES
COMPARED = [
    b'{"array": "dx", "values": "f64:16x64x64:' + b"Pz8_" * 174_762 + b'Pz8"}',
    b'{"array": "dx", "values": [' + b"0," * 490_000 + b"0]}",
]


def test_many_large_bodies_at_once_take_little_memory_and_let_an_ordinary_reader_through(server: Server):
    statuses: set[int] = set()

    def all_at_once() -> None:
        with ThreadPoolExecutor(24) as many:
            requests = [POST % (b"/api/conv2d/pad/stream", len(body)) + body for body in BODIES] * 24
            requests += [POST % (LARGEST, len(body)) + body for body in COMPARED] * 12
            statuses.update(answer.status for answer in many.map(lambda request: send(server, request), requests))

    assert_nobody_waits(server, all_at_once)
    assert {200, 422} <= statuses <= {200, 422, 429}
    server.wait_until_idle()


# Connections that break


def reset(server: Server, sent: bytes, read: int = 0) -> None:
    """Send something, perhaps read a little, and be gone without a goodbye."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with contextlib.suppress(ConnectionError):
            connection.sendall(sent)
            while read > 0:
                read -= len(connection.recv(read)) or read


def test_hundreds_that_connect_and_are_gone_let_an_ordinary_reader_through(server: Server):
    whole = get(LONG)
    beginnings = [b"", b"G", whole[:20], whole[:-2], whole, whole + whole, get(b"/api/layers") * 3]

    def storm() -> None:
        with ThreadPoolExecutor(16) as many:
            list(many.map(lambda at: reset(server, beginnings[at % len(beginnings)]), range(420)))

    assert_nobody_waits(server, storm)
    server.wait_until_idle()


def test_streams_that_are_left_half_way_end_and_let_an_ordinary_reader_through(server: Server):
    def storm() -> None:
        with ThreadPoolExecutor(8) as many:
            list(many.map(lambda _: reset(server, get(LONG), read=20_000), range(24)))

    assert_nobody_waits(server, storm)
    server.wait_until_idle()


def test_a_walk_ends_with_its_client_even_if_that_had_asked_for_more_behind_it(server: Server):
    send(server, b"HEAD " + LONG + b" HTTP/1.1\r\n" + HOST + b"\r\n")  # its opening is known from here on
    server.wait_until_idle()
    before = server.cpu()
    reset(server, get(LONG) + get(b"/api/layers"), read=20_000)
    server.wait_until_idle()
    assert server.cpu() - before < 1  # the whole of it takes several seconds


def test_a_walk_of_a_body_ends_with_its_client_too(server: Server):
    body = BODIES[-1].replace(b" " * 900_000, b"")
    before = server.cpu()
    reset(server, POST % (STREAM + b"out_channels=3&stride=1", len(body)) + body, read=20_000)
    server.wait_until_idle()
    assert server.cpu() - before < 1.5  # the whole of it takes three seconds


def heard(server: Server, request: bytes) -> list[bytes]:
    """Everything that is said to a client who keeps listening for a while, by its statuses."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=0.5) as connection:
        connection.sendall(request)
        said = b""
        with contextlib.suppress(TimeoutError):
            while part := connection.recv(65536):
                said += part
    return re.findall(rb"HTTP/1.1 (\d+)", said)


def test_questions_behind_each_other_are_answered_in_their_order(server: Server):
    addresses = [b"/api/x", b"/api/layers", b"/api/conv2d/walk/limits?stride=0", b"/api/y"]
    assert heard(server, b"".join(map(get, addresses))) == [b"404", b"200", b"422", b"404"]


def test_of_thousands_of_questions_behind_each_other_a_few_are_answered(server: Server):
    assert heard(server, get(b"/api/x") * 5000) == [b"404"] * 9


def resident(server: Server) -> int:
    """The memory that it has at this moment, in kB."""
    return int(re.findall(r"VmRSS:\s*(\d+) kB", Path(f"/proc/{server.process.pid}/status").read_text())[0])


@pytest.mark.parametrize(
    ("first", "flood"),
    [
        (get(LONG), get(b"/") * 6000),
        (b"", get(b"/")[:-2] + b"a:b\r\n" * 18_000),
        (b"", get(b"/")[:-2] + b"X-Note: " + b"1" * 31_000),
        (b"", POST % (STREAM, 1_000_000) + b" " * 900_000),
        (get(LONG), POST % (STREAM, 1_000_000) + b" " * 900_000),
    ],
    ids=["questions behind a stream", "small headers", "headers that do not end", "bodies", "bodies behind a stream"],
)
def test_a_flood_on_many_connections_takes_little_memory_and_lets_everyone_through(
    server: Server, first: bytes, flood: bytes
):
    grown = []

    def pour() -> None:
        with contextlib.ExitStack() as stack:
            floods = [
                stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=10)) for _ in range(30)
            ]
            for connection in floods:
                connection.sendall(first)
            time.sleep(0.5)  # until the streams run
            before = resident(server)
            for connection in floods:
                connection.setblocking(False)
                with contextlib.suppress(OSError):
                    connection.send(flood)  # as much as goes through at once
            time.sleep(0.3)
            grown.append(resident(server) - before)

    assert_nobody_waits(server, pour)
    assert max(grown) < 30_000
    server.wait_until_idle()


def test_what_is_broken_behind_a_question_takes_nothing_from_its_answer(server: Server):
    assert heard(server, get(b"/api/layers") + MARKER + b"\r\n\r\n") == [b"200"]


def test_a_request_that_breaks_in_its_middle_is_answered_once(server: Server):
    assert heard(server, get(b"/api/layers", b"Transfer-Encoding: chunked") + MARKER + b"\r\n") == [b"400"]


def test_letters_that_come_one_by_one_let_an_ordinary_reader_through(server: Server):
    def trickle() -> None:
        with contextlib.ExitStack() as stack:
            slow = [
                stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=10)) for _ in range(50)
            ]
            for letter in get(b"/api/x")[:15]:
                for connection in slow:
                    connection.sendall(bytes([letter]))

    assert_nobody_waits(server, trickle)
