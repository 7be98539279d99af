"""A server that is open to a network: the address others find it at, the code in a terminal and on a projector."""

import http.client
import os
import pty
import re
import select
import shutil
import socket
import statistics
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import segno
from playwright.sync_api import expect

from app.ground import network
from tests.browser import NewReader, Reader
from tests.conftest import ROOT, Server, serving
from tests.process import running
from tests.test_cli import get
from tests.test_hostile import nobody_waits
from tests.test_page_axe import violations

EVERYBODY = "0.0.0.0"
FOUND = network.reachable(EVERYBODY)
connected = pytest.mark.skipif(not FOUND, reason="this machine is on no network")


def modules(svg: str) -> list[list[int]]:
    """The dark and light squares of a code that is drawn as one path of horizontal strokes."""
    size = int(re.search(r'viewBox="0 0 (\d+) ', svg)[1])
    drawn = re.search(r'd="(M4 4\.5h[^"]*)"', svg)[1]
    squares = [[0] * size for _ in range(size)]
    x, y = 0.0, 0.0
    for what, numbers in re.findall(r"([Mmh])([-\d. ]+)", drawn):
        parts = [float(number) for number in numbers.split()]
        if what == "h":
            squares[int(y)][int(x) : int(x + parts[0])] = [1] * int(parts[0])
            x += parts[0]
        else:
            x, y = (parts[0], parts[1]) if what == "M" else (x + parts[0], y + parts[1])
    return [row[4:-4] for row in squares[4:-4]]


def code_of(text: str) -> list[list[int]]:
    made = segno.make(text, micro=False, error="m", boost_error=False)
    return [[int(square) for square in row] for row in made.matrix]


def test_this_machine_alone_reaches_a_server_that_listens_to_it_alone():
    assert network.reachable("127.0.0.1") == network.reachable("::1") == network.reachable("127.0.0.5") == []
    assert network.reachable("192.0.2.7") == ["192.0.2.7"]
    assert network.url("fd00::2", 81) == "http://[fd00::2]:81/"


def test_no_address_is_shown_that_means_another_machine_elsewhere():
    for host in ("127.0.0.1", "::1", "169.254.7.7", "fe80::1", "0.0.0.0", "224.0.0.1", "localhost", ""):
        assert not network.is_shared(host)
    for host in ("192.168.1.5", "10.0.0.1", "203.0.113.9", "fd00::2"):
        assert network.is_shared(host)


@connected
def test_every_network_that_this_machine_is_on_is_found(monkeypatch: pytest.MonkeyPatch):
    assert all(map(network.is_shared, FOUND))
    assert len(set(FOUND)) == len(FOUND)
    if shutil.which("ip"):
        said = subprocess.run(
            ["ip", "-4", "-o", "addr", "show", "up"], capture_output=True, text=True, timeout=30
        ).stdout
        there = {address for address in re.findall(r"inet ([\d.]+)", said) if network.is_shared(address)}
        assert set(FOUND) <= there


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Server:
    with serving(tmp_path_factory.mktemp("opened") / "log.txt", "--host", EVERYBODY) as server:
        yield server


@connected
def test_the_page_for_the_projector_shows_the_networks_address_to_a_teacher_who_came_by_another(opened: Server):
    url = f"http://{FOUND[0]}:{opened.port}/"
    for own in (f"127.0.0.1:{opened.port}", f"localhost:{opened.port}", f"[::1]:{opened.port}"):
        page = get(opened.url + "/join", headers={"Host": own})
        assert page.headers["cache-control"] == "no-store"
        assert re.search(r'class="address"><a href="([^"]*)"', page.text)[1] == url
        assert modules(page.text) == code_of(url)
        assert "127.0.0.1" not in page.text
    assert get(url + "healthz").status_code == 200  # it is true


@connected
def test_the_page_for_the_projector_needs_no_name_in_the_request(opened: Server):
    with socket.create_connection((FOUND[0], opened.port), timeout=30) as asking:
        asking.sendall(b"GET /join HTTP/1.0\r\n\r\n")
        answer = asking.makefile("rb").read().decode()
    assert answer.startswith("HTTP/1.1 200 ")
    assert modules(answer) == code_of(f"http://{FOUND[0]}:{opened.port}/")


@connected
def test_a_hall_that_asks_for_codes_leaves_others_their_answers(opened: Server):
    def ask(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", opened.port, timeout=30)
        for again in range(3):
            connection.request("GET", f"/join/conv2d/walk?seed={3 * number + again}")
            assert connection.getresponse().read()
        connection.close()

    means = []
    for _ in range(3):  # on a machine that is busy with something else it may take several tries
        with nobody_waits(opened) as waited, ThreadPoolExecutor(60) as hall:
            list(hall.map(ask, range(60)))
        means.append(statistics.mean(waited))
        if means[-1] < 0.1:
            return
    pytest.fail(f"others waited for {means} seconds")


def test_a_code_that_a_class_asks_for_is_drawn_once():
    address = "http://192.0.2.7:8000/conv2d/walk?stride=1"
    assert network.in_svg(address) is network.in_svg(address)


@connected
def test_the_code_leads_to_the_very_walk_while_it_can_be_read_from_afar(opened: Server):
    walk = "conv2d/walk?stride=1,2&b=[1,0]&lang=zh"
    page = get(f"{opened.url}/join/{walk}").text
    assert modules(page) == code_of(f"http://{FOUND[0]}:{opened.port}/{walk}")
    long = get(f"{opened.url}/join/conv2d/walk?w={'[1]' * 100}").text
    assert modules(long) == code_of(f"http://{FOUND[0]}:{opened.port}/")
    assert "too long for a code" in long
    assert get(f"{opened.url}/join/conv2d/nothing").status_code == 404


def test_a_name_or_an_address_that_the_teacher_came_by_is_the_one_that_is_shown(tmp_path: Path):
    with serving(tmp_path / "log.txt", "--allowed-host", "walks.example.org") as server:
        for host, shown in (
            ("walks.example.org", "http://walks.example.org/"),
            ("192.0.2.77:8080", "http://192.0.2.77:8080/"),
        ):
            assert f'<a href="{shown}">' in get(server.url + "/join", headers={"Host": host}).text


def test_on_this_machine_alone_the_page_says_so_and_how_to_open_it(server: Server):
    for host in ("127.0.0.1", "localhost", socket.gethostname()):
        page = get(server.url + "/join", headers={"Host": host, "Accept-Language": "en"}).text
        assert "Only this machine can open it so far" in page
        assert "--host 0.0.0.0" in page
        assert "<svg" not in page
    assert "目前只有这台机器能打开" in get(server.url + "/join?lang=zh").text


@pytest.mark.browser
def test_the_way_to_the_code_is_where_links_are_shared_and_works_without_scripts(new_reader: NewReader, opened: Server):
    reader = new_reader(url=opened.url)
    reader.open("/conv2d/walk?stride=1#7")
    reader.page.locator("[popovertarget=share]").click()
    link = reader.page.locator("#share .room")
    assert link.get_attribute("href").partition("#")[0] == "/join/conv2d/walk?stride=1"
    for screen in ({"width": 1920, "height": 1080}, {"width": 390, "height": 844}):
        reader.page.set_viewport_size(screen)
        reader.page.goto(f"{opened.url}/join/conv2d/walk?stride=1")
        fits = (
            "document.documentElement.scrollWidth <= innerWidth && document.documentElement.scrollHeight <= innerHeight"
        )
        assert reader.evaluate(fits)
        if FOUND:
            assert reader.page.locator("svg.code").bounding_box()["width"] > 0.6 * min(screen.values())
        for scheme in ("light", "dark"):
            reader.page.emulate_media(color_scheme=scheme)
            assert violations(reader) == []


@pytest.mark.browser
def test_a_link_that_only_this_machine_can_follow_is_not_given_to_a_class(new_reader: NewReader, opened: Server):
    reader = new_reader(url=opened.url)
    reader.open("/conv2d/walk?stride=1#7")
    reader.page.locator("[popovertarget=share]").click()
    said, link = reader.page.locator("#share .local"), reader.page.locator("#share-step")
    expect(said).to_be_visible()
    if FOUND:
        expect(said).to_contain_text(f"{FOUND[0]}:{opened.port}")
        expect(link).to_have_value(f"http://{FOUND[0]}:{opened.port}/conv2d/walk?stride=1#7")
    else:
        expect(said).to_contain_text("this machine is on none at the moment")


@pytest.mark.browser
def test_where_only_this_machine_is_let_in_the_links_say_how_to_let_in_a_class(reader: Reader):
    reader.open("/conv2d/walk?stride=1#7")
    reader.page.locator("#share").evaluate("(share) => share.showPopover()")
    expect(reader.page.locator("#share .local")).to_contain_text("--host 0.0.0.0")
    expect(reader.page.locator("#share-step")).to_have_value(f"{reader.url}/conv2d/walk?stride=1#7")


def test_where_others_find_a_server_is_told_to_its_own_pages_alone(server: Server):
    answer = get(server.url + "/addresses")
    assert answer.json() == {"urls": [], "open": False}
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in answer.headers


def in_a_terminal(columns: int, **environment: str) -> str:
    """What the command writes in a terminal of so many columns, up to the line that is the last."""
    ours, theirs = pty.openpty()
    command = [
        "sh",
        "-c",
        f"stty cols {columns} rows 50; exec {sys.executable} -m app --no-browser --port 0 --host {EVERYBODY}",
    ]
    clean = {name: text for name, text in os.environ.items() if name not in ("COLUMNS", "LINES")}
    with running(
        command, cwd=ROOT, env=clean | {"TERM": "xterm"} | environment, stdin=theirs, stdout=theirs, stderr=theirs
    ):
        os.close(theirs)
        said = b""
        while b"on a projector" not in said and b"at the moment" not in said:
            assert select.select([ours], [], [], 60)[0], said
            said += os.read(ours, 65536)
    os.close(ours)
    return said.decode().replace("\r\n", "\n")


@connected
def test_a_terminal_shows_the_code_where_it_has_the_room_and_the_letters():
    said = in_a_terminal(80)
    url = re.search(r"find it at (http://\S+)", said)[1]
    assert url.startswith(f"http://{FOUND[0]}:")
    rows = [re.fullmatch("\x1b\\[97;40m([ ▀▄█]+)\x1b\\[0m", line) for line in said.splitlines() if "\x1b" in line]
    halves = {"█": (0, 0), "▀": (0, 1), "▄": (1, 0), " ": (1, 1)}
    squares = [[halves[block][half] for block in row[1]] for row in rows for half in (0, 1)]
    made = segno.make(url, micro=False)
    size = made.symbol_size(border=0)[0]
    assert [row[2 : 2 + size] for row in squares[2 : 2 + size]] == [[int(one) for one in row] for row in made.matrix]


@connected
@pytest.mark.parametrize(
    ("columns", "environment"), [(20, {}), (80, {"PYTHONIOENCODING": "ascii"}), (80, {"TERM": "dumb"})]
)
def test_another_terminal_shows_the_address_alone(columns: int, environment: dict[str, str]):
    said = in_a_terminal(columns, **environment)
    assert "find it at http://" in said
    assert said.isascii()
    assert "\x1b" not in said
