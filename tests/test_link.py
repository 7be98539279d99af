"""A link as it arrives, after chat programs, mail and people have handled it: what its page shows, what it refuses."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from app.walks.link import nearest
from app.walks.visit import Visit
from core.catalog import LAYERS
from tests.addresses import to_query
from tests.cases import each
from tests.node import node

CONV = LAYERS["conv2d"]
NAMES = {*CONV.settings.kinds(), *CONV.settings.PAIRS, *CONV.axes}
BOTH = {"stride": "1", "padding": "2"}


def visit(query: str, layer: str = "conv2d") -> Visit:
    return Visit.of(LAYERS[layer], "walk", query.encode())


def refused(query: str) -> list[str | None]:
    return [refusal.name for refusal in visit(query).refusals]


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(create_app(), base_url="http://127.0.0.1") as client:
        yield client


# What others append

THEIRS = """
    utm_source=chatgpt.com utm_medium=social&utm_campaign=a%20b utm_term=&utm_content=x utm_id=1 fbclid=IwAR0x
    gclid=Cj0KCQ== dclid=1 gbraid=0A wbraid=Cj msclkid=9f mc_cid=b1&mc_eid=2 igshid=abc igsh=MzRl twclid=2-x
    ttclid=E.C li_fat_id=1 yclid=7 _ga=2.1.3 _gl=1*abc*_ga*NA.. _hsenc=p2A&_hsmi=9 mkt_tok=eyJ vero_id=x
    oly_enc_id=1 s_cid=2 ref=share ref_src=twsrc%5Etfw ref_url=https%3A%2F%2Fexample.org%2F%3Fstride%3D3 source=lnms
    from=singlemessage from=timeline&isappinstalled=0 scene=1&clicktime=17&enterid=17 share_token=8-4 spm=a2.1.0.0
    scm=20140719.1 nsukey=J%2B%2F chksm=9 pass_ticket=x%3D%3D sharer_shareid=1 wxshare_count=1 subscene=3
    sessionid=0 si=abc feature=shared t=12s mibextid=ZbWKwL rdid=1 srsltid=Af trk=public_post __cft__[0]=AZ
    __tn__=%2CO q=convolution hl=de-DE url=%2Fconv2d%2Fwalk%3Fpadding%3D5 start=5 v=2 amp=1 utm_source
""".split()


@each("theirs", THEIRS)
def test_what_others_append_is_ignored_wherever_it_stands(theirs: str):
    for query in (f"stride=1&padding=2&{theirs}", f"{theirs}&stride=1&padding=2", f"stride=1&{theirs}&padding=2"):
        seen = visit(query)
        assert (seen.given, seen.refusals) == (BOTH, ()), query


def test_what_others_append_is_still_refused_by_the_api(client: TestClient):
    for query in ("stride=1&utm_source=x", "stride=1&amp;padding=2", "Stride=1", "stride=1.", "stride=1&stride=1"):
        for path in ("stream", "limits", "code"):
            answer = client.get(f"/api/conv2d/walk/{path}?{query}")
            assert (answer.status_code, list(answer.json())) == (422, ["setting", "message"])


# What may happen to a link on its way

MENDED = """
    stride=1&amp;padding=2 | stride=1&amp;amp;padding=2 | stride=1&#38;padding=2 | stride=1&amp%3Bpadding=2
    stride=1%26amp%3Bpadding=2 | stride=1%26padding=2 | stride%3D1&padding%3D2 | stride%3D1%26padding%3D2
    stride%253D1%2526padding%253D2 | %3Fstride%3D1%26padding%3D2 | ?stride=1&padding=2 | stride=1?padding=2
    stride=1;padding=2 | stride=1%3Bpadding=2 | stride=1,padding=2 | stride=1%7Cpadding=2 | stride=1&&padding=2&
    stride=1;padding=2;utm_source=x | utm_source=x;stride=1;padding=2 | utm_source=x%26stride=1&padding=2
    stride=1&%0Apadding=2 | stride=1%0D%0A&padding=2 | stride=1%0Apadding=2 | stride=1&pad%0D%0Ading=2
    stride=1&pad%20ding=2 | stride=1&padding=%0A2 | stride=1&padding%0A=2 | stride=1&padding=2%0A
    stride=1&padd=%0Aing=2 | stride=1&padd=%0D%0Aing=2 | stride=1&padd=ing=2 | stride=3D1&padding=3D2
    stride=1=%0A&padding=2 | stride%20=%201%20&%20padding%20=%202 | +stride=1&padding=+2+ | stride=1&padding=2.
    stride=1&padding=2) | stride=1&padding=2%29. | stride=1&padding=2> | stride=1&padding=2%3E%22
    stride=1&padding=2, | stride=1&padding=2; | stride=1&padding=2! | stride=1&padding=2? | stride=1&padding=2**
    stride=1&padding=2] | stride=1&padding=2%E3%80%82 | stride=1&padding=2%EF%BC%89 | stride=1&padding=2%E3%80%91
    stride=1&padding=2%E2%80%9D | stride=1&padding=2%27 | stride=1&padding=2` | stride=1&padding=2&gt;
    stride=1&padding=2%22 | %22stride=1&padding=2%22 | stride=%221%22&padding=%222%22 | (stride=1&padding=2)
    <stride=1&padding=2> | STRIDE=1&Padding=2 | Stride=1&PADDING=2 | stride%EF%BC%9D1%EF%BC%86padding%EF%BC%9D2
    stride=%EF%BC%91&padding=%EF%BC%92 | stride=1%5Cu0026padding=2 | stride=1%5C&padding=2 | stride=1&padding%5C=2
    stride=1&%E2%80%8Bpadding=2%E2%80%8B | stride=1&padding=2%EF%BB%BF | stride=1&pad%C2%ADding=2
    stride=1&stride=1&padding=2 | stride=1&padding=2&stride=1. | stride=1&padding=2/ | stride=1/&padding=2/
    stride=1&padding=2%2F | stride=1&padding=2/). | stride=1&padding=%222/%22
    stride=1&padding=2%7Ctext | stride=1&padding=2|看 | stride=1&padding=2|the%20link | stride=1%3Cbr%3Epadding=2
    stride=1<br>padding=2 | stride=1<br/>padding=2 | stride=1</a>&padding=2</a> | stride=1&padding=2%3C/a%3E
    stride=1&padding=2</p></div> | stride=1</span>&padding=2 | stride=1&padding=2</a | <b>stride=1&padding=2</b>
    stride=1=20&padding=2=20 | stride=1=20=0A&padding=2 | stride=1&padding=2=0D=0A | stride=[1]&padding=[2]
    stride=1&lt;br&gt;padding=2 | stride=1&padding=2&lt;/a&gt; | stride=1&pad<wbr>ding=2 | stride=1<br%20/>padding=2
    stride=1&padding=2</a>. | stride=1&padding=2%3Ca%20href=%22x%22%3E | stride=%5B1%5D&padding=[2]).
"""
MENDED_ONE = {
    "padding=Same": {"padding": "same"},
    "padding=sa%0Ame": {"padding": "same"},
    "activation=ReLU": {"activation": "relu"},
    "kernel%5C_size=2": {"kernel_size": "2"},
    "kernel%255Fsize=2": {"kernel_size": "2"},
    "stride=2%252C1": {"stride": "2,1"},
    "stride=[2,1]": {"stride": "2,1"},
    "stride=(2,1)": {"stride": "2,1"},
    "stride=[2,%201].": {"stride": "2,1"},
    "stride=%5B2%2C1%5D": {"stride": "2,1"},
    "padding=[1,0,2,1]": {"padding": "1,0,2,1"},
    "stride=2,%201.": {"stride": "2,1"},
    "padding=1,2,": {"padding": "1,2"},
    "learning_rate=0.5.": {"learning_rate": "0.5"},
    "learning_rate=.5)": {"learning_rate": ".5"},
    "b=[1,0]).": {"b": "[1,0]"},
    "b=[1,%0A0]": {"b": "[1,\n0]"},
    "b=%255B1%252C0%255D": {"b": "[1,0]"},
    "b=[%E2%88%921,0]": {"b": "[-1,0]"},
    "b=[1,0]%26stride=1": {"b": "[1,0]", "stride": "1"},
    "x=u8:1x2x2:AAECAw).": {"x": "u8:1x2x2:AAECAw"},
    "x=u8:1x2x2:AA%0AECAw": {"x": "u8:1x2x2:AAECAw"},
    "x=u8%253A1x2x2%253AAAECAw": {"x": "u8:1x2x2:AAECAw"},
    "present=1.&stride=1": {"present": "1", "stride": "1"},
    "stride=1&amp;lang=zh": {"stride": "1", "lang": "zh"},
}


@each("query", [one.strip() for line in MENDED.strip().splitlines() for one in line.split(" | ")])
def test_a_link_is_read_as_it_was_before_it_was_handled(query: str):
    if "#" in query:
        query = query.partition("#")[0]  # the rest never comes here: see early.js
        assert visit(query).given == {"stride": "1"}
    else:
        seen = visit(query)
        assert ({name: text.strip(" ") for name, text in seen.given.items()}, seen.refusals) == (BOTH, ())


@each(("query", "given"), MENDED_ONE.items())
def test_a_value_is_read_as_it_was_before_it_was_handled(query: str, given: dict[str, str]):
    seen = visit(query)
    assert (seen.given, seen.refusals) == (given, ())


RUN_ON = """
    2，步长是1 | 2、看这里 | 2%20看这里 | 2%20(see%20here) | 2看这里 | 2。看 | 2）看这里 | 2】看 | 2」看这里
    | 2；步长是1 | 2，步长=1 | 2%20（见下） | 2%20see%20here | 2,%20see%20here | 2.%20Look | 2%20вот | 2вот | 2です
    | 2)%20see
    | 2%20%F0%9F%91%8D | 2%F0%9F%91%87看 | 2+看这里和下面 | 2%20“look” | 2!%20Wow | 2：看 | 2（见下） | 2【见下】
    | 2%2520看 | 2%20über
"""
NO_RUN_ON = """
    1万 1千 1十 1点5 1分之2 1到3 1和2 1或2 1乘2 1×2 1²  1½ 1~2 1〜2 1—2 1→2 1半 1倍 1，三 1、二 1看2
    1%20or%202 1%20to%203 1%20and%20more 1%20by%20two 1%20k 1%20million 1%20x%20y 1…看 1..看 1%20(2) 1%20(or%202) 1a 1é
    1step 1.5看 1%20和2 看1 1%20bis%20drei
""".split()


def test_the_text_that_a_link_stood_in_is_none_of_its_last_value():
    for text in re.split(r"\s+[|]\s+", RUN_ON):
        query = f"stride=1&padding={text.strip()}"
        seen = visit(query)
        assert (seen.given, seen.refusals) == (BOTH, ()), query
    for query, given in {
        "padding=same，看这里": {"padding": "same"},
        "padding=same%20(see)": {"padding": "same"},
        "padding=1,2，看这里": {"padding": "1,2"},
        "padding=1，2，看这里": {"padding": "1,2"},
        "learning_rate=0.5看": {"learning_rate": "0.5"},
        "b=[1,0]，看这里": {"b": "[1,0]"},
        "x=u8:1x2x2:AAECAw，看": {"x": "u8:1x2x2:AAECAw"},
        "lang=zh，看这里": {"lang": "zh"},
    }.items():
        assert (visit(query).given, visit(query).refusals) == (given, ()), query


def test_what_counts_scales_or_goes_on_is_no_text_behind_a_value():
    for text in NO_RUN_ON:
        seen = visit(f"stride={text}&out_channels=4")
        assert (seen.given, [refusal.name for refusal in seen.refusals]) == ({"out_channels": "4"}, ["stride"]), text
    assert refused("hide=header%20legend") == ["hide"]
    assert refused("hide=header,%20what") == ["hide"]


LANGUAGES = """
    lang=zh%26stride%3D1 lang=zh;stride=1 lang=zh,stride=1 lang=zh%20stride=1 lang=zh%3Bstride=1 lang=zh%0Astride=1
    lang=zh%7Cstride=1 lang=zh?stride=1 lang=zh&amp;stride=1 lang=zh%2526stride%253D1 stride=1&lang=zh%2312
    stride=1%26lang=zh stride=1&lang=zh) stride=1&lang=zh. stride=1&lang=zh%E3%80%82 stride=1&lang=%22zh%22
    stride=1&Lang=ZH stride=1&lang=zh%29. stride=1&lang=zh&amp%3B stride=1&lang=%E2%80%8Bzh lang=zh%26amp;stride=1
""".split()


def test_a_language_swallows_nothing_of_a_link():
    for query in LANGUAGES:
        seen = visit(query)
        assert ({name: text.lower() for name, text in seen.given.items()}, seen.refusals) == (
            {"stride": "1", "lang": "zh"},
            (),
        ), query
        assert seen.step == (12 if "2312" in query else None)
    for tag in ("zh-CN", "zh_Hans", "zh-Hans-CN", "en-GB", "fr", "yue"):
        assert visit(f"lang={tag}&stride=1").given == {"lang": tag, "stride": "1"}
    for none in ("", "1", "z", "klingon", "zh-", "z%C3%BC", "zh%00", "../../x", "zh/en", "zh%2Ben"):
        seen = visit(f"stride=1&lang={none}")
        assert (seen.given, seen.refusals) == ({"stride": "1"}, ()), none


def test_a_page_is_in_the_language_that_its_handled_link_asks_for(client: TestClient):
    for query in ("lang=zh%26stride%3D1", "lang=zh;stride=1", "stride=1&lang=zh).", "stride=1&lang=zh%2312"):
        page = client.get(f"/conv2d/walk?{query}", headers={"accept-language": "en"})
        assert '<html lang="zh-Hans"' in page.text, query
        assert (page.status_code, parse_qsl(boot_of(page.text)["query"])) in (
            (200, [("stride", "1"), ("lang", "zh")]),
            (200, [("lang", "zh"), ("stride", "1")]),
        )


def test_what_can_be_read_as_it_stands_is_never_changed():
    for query in ("stride=1,5", "padding=1,0,2,1&stride=2,1", "padding=same", "learning_rate=1.", "b=u8:2:AQA%3D"):
        assert visit(query).given == dict(parse_qsl(query))


UNCLEAR = """
    stride=1%0A5 stride=1%202 stride=1.5 stride=1.0 stride=abc stride= stride=1e0 stride=0 stride=-1 stride=1a
    stride=one stride=1)2 stride=1%7C2 stride=2%C2%B2 stride=1%26stride=2 stride=0x1 stride=1_0 stride=%D9%A3 stride=1/2
    stride=1=21 stride=1<b>2</b> stride=1<br>2 stride=[[1,2]] stride=[1%202] stride=[1 stride=20 stride=1|2
    stride=1<x> stride=1|x2
    stride=1..2 stride=1=6 stride=2%20and%20more stride=1&stride=2 stride=1&Stride=2 stride=%ff stride=1... stride=1..
    stride=1%E2%80%A6
""".split()


@each("query", UNCLEAR)
def test_what_may_mean_two_things_or_none_is_refused_beside_its_setting(query: str):
    seen = visit(f"{query}&out_channels=4")
    assert seen.given == {"out_channels": "4"}
    [refusal] = seen.refusals
    assert refusal.name == "stride"


def test_a_step_behind_an_encoded_sign_is_the_step_of_the_link():
    for query in ("stride%3D1%26padding%3D2%2312", "stride=1&padding=2%2312.", "stride=1&padding=2&from=x%2312"):
        assert (visit(query).given, visit(query).step) == (BOTH, 12)
    for (
        fragment
    ) in "step=12 Step-12 step12 /12 !12 (12) %2312 12/ 12? 12%3Futm_source=x 12&from=x 12%23rd 12|x".split():
        for query in (f"stride=1&padding=2%23{fragment}", f"stride%3D1%26padding%3D2%2523{fragment}"):
            assert (visit(query).given, visit(query).refusals, visit(query).step) == (BOTH, (), 12), query
    assert (visit("stride=1%2312%3Fpadding=2").given, visit("stride=1%2312%26padding=2").step) == (BOTH, 12)
    for fragment in "12.5 1,000 -3 12a 1-2 12… 12... 3/4 12万 12px x12".split():
        assert (refused(f"padding=2&stride=1%23{fragment}"), visit(f"stride=1%23{fragment}").step) == (["stride"], None)
    assert visit("stride=1&padding=2&ref=https%3A%2F%2Fexample.org%2F%2312").step is None
    assert visit("stride=1&padding=2").step is None


FOREIGN_NUMBERS = """
    issue=%23345 comment=see+%2399 title=Fix%20%2312 title=Fix%2312 q=c%23&n=%237 color=%23123456 ref=PR%23345 pr=%2312.
    subject=Re:%20%2312 text=stride%20%2312 utm_campaign=week+%2312 utm_source=%2312 tag=%2312) hash=a%2312 room=%2312
    note=padding+%2312 id=x%2523345 ticket=%EF%BC%8312 anchor=%2312 thread=%2312%20
""".split()


def test_a_number_of_somebody_elses_is_no_step():
    for theirs in FOREIGN_NUMBERS:
        for query in (f"stride=1&padding=2&{theirs}", f"{theirs}&stride=1&padding=2", f"stride=1&{theirs}&padding=2"):
            seen = visit(query)
            assert (seen.given, seen.refusals, seen.step) == (BOTH, (), None), query
    for appended in (
        "utm_source=mail",
        "fbclid=IwAR0x",
        "gclid=Cj0KCQ==",
        "from=timeline",
        "utm_campaign=a%20b",
        "spm=a2.1",
    ):
        assert visit(f"stride=1&padding=2&{appended}%2312").step == 12
        assert visit(f"stride=1&{appended}%2312&padding=2").step is None
    for query in ("%2312", "stride=1&%2312", "stride=1%2312&padding=2", "utm_source=x%26stride=1%2312"):
        assert visit(query).step == 12, query


PATHS = """
    walk%3Fstride%3D1%26padding%3D2 walk%3Fstride=1&padding=2 walk&stride=1&padding=2 walk%3fstride=1?padding=2
    walk%253Fstride%253D1%2526padding%253D2 walk.?stride=1&padding=2 walk)?stride=1&padding=2
    walk%20?stride=1&padding=2 walk%EF%BC%9Fstride=1&padding=2 Walk?stride=1&padding=2
    walk%3Fstride%3D1?padding=2&utm_source=x walk%22?stride=1&padding=2 walk%26amp;stride=1&padding=2
    walk%E3%80%82?stride=1&padding=2
""".split()


def test_a_path_with_its_query_encoded_or_with_punctuation_behind_it_leads_to_its_walk(client: TestClient):
    for path in PATHS:
        page = client.get(f"/conv2d/{path}")
        assert (page.status_code, boot_of(page.text)["query"]) == (200, "stride=1&padding=2"), path
    for path in (
        "walk%2312",
        "walk%2312.",
        "Walk%2312",
        "walk%252312",
        "walk%2312)?utm_source=x",
        "walk%EF%BC%8312",
        "walk.%2312",
    ):
        page = client.get(f"/conv2d/{path}")
        assert (page.status_code, boot_of(page.text)["query"], boot_of(page.text)["step"]) == (200, "", 12), path
    page = client.get("/conv2d/walk%2312?stride=1&padding=2")
    assert (boot_of(page.text)["query"], boot_of(page.text)["step"]) == ("stride=1&padding=2", 12)
    for path in (
        "walk。看",
        "walk，看这里",
        "walk看",
        "walk%20看这里",
        "walk%20(see)",
        "walk】看",
        "walk。看?utm_source=x",
    ):
        page = client.get(f"/conv2d/{path}")
        assert (page.status_code, boot_of(page.text)["query"]) == (200, ""), path
    page = client.get("/conv2d/walk%23" + "12，看这里")
    assert boot_of(page.text)["step"] == 12
    for path in (
        "walk三",
        "walk…看",
        "看walk",
        "run?stride=1",
        "run%2312",
        "walks",
        "walk/",
        "walk%2F",
        "walk%3F/x",
        "wal",
        "walk%00x",
        "walk%2e%2e%2fetc",
        "%3Fwalk",
    ):
        assert client.get(f"/conv2d/{path}").status_code == 404, path
    assert client.get("/api/conv2d/walk%3Fstride=1/stream").status_code == 404


# What is mistyped

MISTYPED = {
    "strid": "stride", "stide": "stride", "stirde": "stride", "tride": "stride", "strides": "stride",
    "strife": "stride", "Strid": "stride", "kernelsize": "kernel_size", "kernel-size": "kernel_size",
    "kernelSize": "kernel_size", "kernel_sise": "kernel_size", "kernel": "kernel_size",
    "kernel_hight": "kernel_height", "pading": "padding", "paddding": "padding", "pad": "padding",
    "paddings": "padding", "padding_mod": "padding_mode", "dilatation": "dilation", "dilations": "dilation",
    "group": "groups", "out_channel": "out_channels", "outchannels": "out_channels", "in_chanels": "in_channels",
    "in_heigth": "in_height", "inwidth": "in_width", "activaton": "activation", "learningrate": "learning_rate",
    "learning-rate": "learning_rate", "seeds": "seed", "graf_output": "grad_output",
}  # fmt: skip


def test_a_mistyped_setting_is_told_with_the_nearest_one_that_exists():
    for name, meant in MISTYPED.items():
        found = nearest(name, NAMES)
        assert found == meant or (found or "").startswith(meant[:6]), (name, found)
        seen = visit(f"{name}=1&out_channels=4")
        assert seen.given == {"out_channels": "4"}
        [refusal] = seen.refusals
        assert refusal.name is None
        assert refusal.error.values["nearest"] == found


def test_a_beginning_or_a_longer_name_means_the_setting_itself():
    for name, meant in {
        "kernel": "kernel_size", "pad": "padding", "padd": "padding", "activ": "activation", "stri": "stride",
        "padding_top": "padding", "padding_left": "padding", "padding-bottom": "padding", "padding_h": "padding",
        "stride_height": "stride", "stride_w": "stride", "stride_x": "stride", "dilation_rate": "dilation",
        "Padding_Top": "padding", "activation_fn": "activation", "kernel_size_h": "kernel_size",
        "out_channels_2": "out_channels", "padding_mod": "padding_mode", "padding_mdoe": "padding_mode",
        "padding_mode_x": "padding_mode", "activation_befor": "activation_before",
    }.items():  # fmt: skip
        assert nearest(name, NAMES) == meant, name
        [refusal] = visit(f"{name}=1&seed=3").refusals
        assert refusal.error.values["nearest"] == meant


def test_what_is_short_for_many_things_is_near_to_none_of_ours():
    anybodys = "act out str count height width in ker dil gro lea out_ cei w_ id in_ count_ Act OUT lear cou".split()
    for layer in LAYERS.values():
        ours = {*layer.settings.kinds(), *layer.settings.PAIRS, *layer.axes}
        for name in anybodys:
            if name not in ours:
                assert nearest(name, ours) is None, (layer.name, name)
                assert visit(f"{name}=share&seed=3", layer.name).refusals == (), (layer.name, name)


def test_names_of_others_are_near_to_none_of_ours():
    names = {name for theirs in THEIRS for name, _ in parse_qsl(theirs, keep_blank_values=True)}
    for layer in LAYERS.values():
        ours = {*layer.settings.kinds(), *layer.settings.PAIRS, *layer.axes}
        assert {name: nearest(name, ours) for name in names} == dict.fromkeys(names), layer.name


# What does not fit

CLASHES: dict[str, tuple[list[str | None], dict[str, str]]] = {
    "stride=abc&out_channels=4": (["stride"], {"out_channels": "4"}),
    "stride=x&padding=y&out_channels=4": (["stride", "padding"], {"out_channels": "4"}),
    "kernel_size=q&stride=1": (["kernel_size"], {"stride": "1"}),
    "kernel_height=9&stride=1": (["kernel_height"], {"stride": "1"}),
    "groups=3&in_channels=4&out_channels=4": (["groups"], {"in_channels": "4", "out_channels": "4"}),
    "in_height=2&kernel_size=3&padding=0": (["padding"], {"in_height": "2", "kernel_size": "3"}),
    "kernel_size=2&kernel_height=1": (["kernel_height"], {"kernel_size": "2"}),
    "padding_mode=reflect&padding=9&stride=1": (["padding"], {"padding_mode": "reflect", "stride": "1"}),
    "x=[[1,2],[3]]&w=[[[[1]]]]": (["x"], {"w": "[[[[1]]]]"}),
    "x=[[[1,2],[3,4]]]&in_height=5": (["in_height"], {"x": "[[[1,2],[3,4]]]"}),
    "x=[[[1,2],[3,4]]]&w=[[[[1]],[[1]],[[1]]]]": (["w"], {"x": "[[[1,2],[3,4]]]"}),
    "b=[1,2,3]&out_channels=2&seed=3": (["out_channels"], {"b": "[1,2,3]", "seed": "3"}),
    "b=[1,0": (["b"], {}),
    "b=[1,NaN]&seed=3": (["b"], {"seed": "3"}),
    "present=yes&stride=1": (["present"], {"stride": "1"}),
    "hide=everything&embed=1&stride=1": (["hide"], {"embed": "1", "stride": "1"}),
    "stride=1&stride=2&padding=2": (["stride"], {"padding": "2"}),
    "strid=1&pading=1&seed=3": ([None], {"seed": "3"}),
    "strid=1&stride=x&seed=3": (["stride", None], {"seed": "3"}),
    "dilation=8&seed=3&stride=1": (["dilation"], {"seed": "3", "stride": "1"}),
    "in_height=64&in_width=64&in_channels=16&out_channels=16&stride=1&seed=3": (
        ["in_height", "in_width"], {"in_channels": "16", "out_channels": "16", "stride": "1", "seed": "3"},
    ),
}  # fmt: skip


@each(("query", "expected"), CLASHES.items())
def test_what_does_not_fit_loses_nothing_else(query: str, expected: tuple[list[str | None], dict[str, str]]):
    seen = visit(query)
    assert ([refusal.name for refusal in seen.refusals], seen.given) == expected
    for name in seen.query.settings.keys() & CONV.settings.kinds().keys():
        kind = CONV.settings.kinds()[name]
        assert getattr(seen.run.settings, name) == kind.accept(name, seen.given[name])


def test_whatever_is_asked_for_a_page_is_shown_and_nothing_is_left_out_in_silence():
    bad = {
        "stride": "x",
        "padding": "99",
        "kernel_size": "11",
        "groups": "5",
        "x": "[[[1,2]]]",
        "w": "[[[[1]]]]",
        "seed": "-",
    }
    for chosen in range(1, 2 ** len(bad)):
        query = {name: text for at, (name, text) in enumerate(bad.items()) if chosen >> at & 1}
        seen = visit("&".join(f"{name}={text}" for name, text in query.items()))
        assert {*seen.given, *(refusal.name for refusal in seen.refusals)} == query.keys()
        for refusal in seen.refusals:  # nothing is left out that would fit
            more = {name: query[name] for name in query if name in seen.given or name == refusal.name}
            assert refused("&".join(f"{name}={text}" for name, text in more.items())), more


def boot_of(page: str) -> dict[str, Any]:
    found = re.search(r'id="boot">(.*?)</script>', page)
    assert found
    boot: dict[str, Any] = json.loads(found[1])
    return boot


def test_a_page_begins_with_what_was_understood_and_its_sentences_in_place(client: TestClient):
    page = client.get("/conv2d/walk?stride=abc&amp;out_channels=4&in_height=2&padding=0&strid=1&from=x%2312")
    assert page.status_code == 422
    boot = boot_of(page.text)
    assert (boot["query"], boot["step"]) == ("out_channels=4&in_height=2", 12)
    assert boot["stream"] == "/api/conv2d/walk/stream?out_channels=4&in_height=2&lang=en"
    assert 'data-step="12"' in page.text
    assert boot["refusals"]["stride"].startswith("stride must be")
    assert boot["refusals"]["padding"].startswith("padding of this link is left out: a kernel that reaches")
    assert boot["refusals"][""] == "strid: there is no such setting; did you mean stride?"
    for name, sentence in boot["refusals"].items():
        assert f'data-refusal="{name}" role="alert">{sentence}</output>' in page.text
    assert client.get("/conv2d/walk?stride=1&utm_source=x&from=y").status_code == 200
    assert (
        client.get("/conv2d/walk?kernel_size=abc").text.count('data-refusal="kernel_height" role="alert">kernel_size')
        == 1
    )


def test_a_mistyped_name_is_told_as_it_came_if_it_is_a_plain_word(client: TestClient):
    told = {
        "kernelsize=3": "kernelsize: there is no such setting; did you mean kernel_size?",
        "KernelSize=3": "kernelsize: there is no such setting; did you mean kernel_size?",
        "strid=1&pading=0&strid=2": "strid, pading: there is no such setting; did you mean stride, padding?",
        "strides=1&strid=1": "strides, strid: there is no such setting; did you mean stride?",
        "strid3=1": "there is no such setting; did you mean stride?",
        "kernel-size=3&strid=1": "strid: there is no such setting; did you mean kernel_size, stride?",
        "kernel.size=3": "there is no such setting; did you mean kernel_size?",
    }
    for query, sentence in told.items():
        assert boot_of(client.get(f"/conv2d/walk?{query}").text)["refusals"] == {"": sentence}, query
    for query in ("strid%3Cscript%3E=1", "strid%22onload=1", "strid%E2%80%8B%3Cb%3E=1", "%3Cb%3Estrid=1", "str<i>de=1"):
        page = client.get(f"/conv2d/walk?{query}")
        shown = [*boot_of(page.text)["refusals"].values()]
        assert all(re.fullmatch(r"(strid\w*: )?there is no such setting; did you mean \w+\?", one) for one in shown), (
            query
        )


def test_nothing_of_a_link_comes_back_but_in_links_to_itself(client: TestClient):
    for query in (
        "strid=MARKER",
        "stride=MARKER",
        "MARKER=1",
        "stridMARKER=1",
        "x=MARKER",
        "hide=MARKER",
        "stride=<script>MARKER",
    ):
        page = client.get(f"/conv2d/walk?{query}")
        assert "MARKER" not in re.sub(r'href="[^"]*"', "", page.text)


# What is written


def test_what_is_written_has_no_sign_that_a_chat_program_cuts_at():
    settings = CONV.settings.of({"stride": "2,1", "padding": "1,0,2,1", "in_channels": 1}).plain()
    query = to_query(CONV, settings, {"b": np.array([1.5, -2.0])})
    assert re.fullmatch(r"[\w.%&=-]+", query)
    assert visit(query).query.settings == {"in_channels": "1", "stride": "2,1", "padding": "1,0,2,1"}


# The step

STEPS: dict[str, list[str]] = {
    "12": (
        "##12 #%2312 #12 #12. #12) #12, #12; #12: #12! #12? #12] #12} #12> #12\" #12' #12` #12* #12** #12_ #12】 #12。 "
        "#12） #12， #12」 #/12 #!12 #!/12 #/12/ #12%29 #12%2E #12%3E #12%0A #12%20 #%2012 #(12) #[12] #<12> #１２ "
        "#12# #12#wechat_redirect "
        "#12&utm_source=x #12?from=y #12/ #012 #step=12 #step12 #Step-12 #12%2529 #\"12\" #12&amp;from=x #12\u200b "
        "#12%E3%80%82 #12，看这里 #12】看 #12看这里 #12%20(see) #12、看 #12。看第3行 #12%20看 #12,%20see #12%20see "
        "#12%EF%BC%8C看 #12.%20Look #12%20%F0%9F%91%8D #12%F0%9F%91%87 "
        "#step=12，看 #12)看 #12)%20see #12です #12（见下） #12вот "
    ).split(),
    "null": (
        "#12.5 #1,000 #12a #-3 #1-2 #12%2013 #1e3 #12px #3/4 #/3/4 #!-3 #12and13 #12… #12.. #12... #12%E2%80%A6 "
        "#12万 #12点5 #12到13 #12和13 #12²  #12½ #12看3 #12%20or%2013 #12%20to%2020 #12%20and%20more #12%20k "
        "#12…看 #12..看 #12é #12×2 #12~13 #12，三 #12%20(13)"
    ).split(),
    "none": ["", *"# #stage #_=_ #wechat_redirect #rd #top #! #:~:text=a".split()],
}  # fmt: skip


def test_the_step_of_a_link_is_the_number_behind_its_sign_whatever_stands_around_it():
    told = node("fragments", hashes=[one for hashes in STEPS.values() for one in hashes])
    expected = [{"12": 12, "null": "unclear", "none": "none"}[step] for step, hashes in STEPS.items() for _ in hashes]
    assert dict(zip([h for hs in STEPS.values() for h in hs], told, strict=True)) == dict(
        zip([h for hs in STEPS.values() for h in hs], expected, strict=True)
    )


@pytest.mark.parametrize("layer", LAYERS)
def test_names_that_only_other_layers_have_are_no_error_of_the_page(client: TestClient, layer: str):
    names = {name: {*one.settings.kinds(), *one.settings.PAIRS} for name, one in LAYERS.items()}
    others = sorted(set.union(*names.values()) - names[layer])
    assert len(others) > 10
    each_alone = others if layer == "activation" else []  # a page takes a tenth of a second
    for some in (others, *([name] for name in each_alone)):
        answer = client.get(f"/{layer}/walk?{'&'.join(f'{name}=1' for name in some)}")
        assert answer.status_code in (200, 422), some
