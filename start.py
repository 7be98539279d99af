"""Start ConvWalk with nothing but Python 3.11 or newer: HELP says how."""

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# Everything in this file must parse on an old Python, or this sentence could not be printed.
if sys.version_info < (3, 11):
    sys.exit("ConvWalk needs Python 3.11 or newer, and this is Python %d.%d." % sys.version_info[:2])

ROOT = Path(__file__).resolve().parent
RUN = ROOT / "requirements" / "run.txt"
TEST = ROOT / "requirements" / "test.txt"
GOOD = 95  # of a hundred: what every score of Lighthouse must reach
HELP = """\
Start ConvWalk with nothing but Python 3.11 or newer.

    python3 start.py [options]               run the app; --host, --port, --workers, --version ... go to it
    python3 start.py --host 0.0.0.0 --class  for a class: all on the network come, and a teacher leads and asks them
    python3 start.py test [options]          ruff, mypy, then pytest with these options
    python3 start.py test --torch [options]  only the live comparison with PyTorch, in .venv-torch
    python3 start.py bench [what]            the benchmarks, or the one named
    python3 start.py lighthouse              what Lighthouse says of the start page; it comes from npm
    python3 start.py --help                  this text

The first start makes .venv beside this file and fills it with the pinned packages; later ones find it ready.
"""  # no docstring: PYTHONOPTIMIZE=2 would take it away
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# The same without a window, which nobody sees in a test: a fifth of the work of the browser tests is that window's.
WINDOWLESS = "chromium-headless-shell"
# The tests run in these too, where they are; by the packages that Debian has of each.
OTHER_BROWSERS = {
    "Firefox": ("firefox-esr",),
    "WebKitGTK": ("webkit2gtk-driver", "xvfb", "python3-gi", "gir1.2-webkit2-4.1"),
}
# Rooms of several workers are tested where there is one.
OTHERS = {**OTHER_BROWSERS, "a Redis": ("redis-server",)}


def main(arguments):
    os.chdir(ROOT)
    command, rest = arguments[:1], arguments[1:]
    if command in (["--help"], ["-h"]):
        print(HELP.strip())
    elif command == ["test"] and rest[:1] == ["--torch"]:
        become(torch_environment(), "tests.live_torch", *rest[1:])
    elif command == ["test"]:
        return test(rest)
    elif command == ["bench"]:
        find_browser()
        become(locked_environment(RUN, TEST), "benchmarks", *rest)
    elif command == ["lighthouse"]:
        return lighthouse()
    else:
        become(locked_environment(RUN), "app", *arguments)
    return 0


def test(options):
    """Every check runs, whatever the others say. pytest is the last, so its closing line is the last line."""
    find_browser(OTHERS, WINDOWLESS)
    python = locked_environment(RUN, TEST)
    failed = []
    for check in (["ruff", "check"], ["ruff", "format", "--check"], ["mypy", "core", "app"]):
        say("$ " + " ".join(check))
        if subprocess.call([python, "-m", *check]):
            failed.append(" ".join(check))
    if failed:
        say("Failed before pytest: " + ", ".join(failed) + ".")
    # One more at a time than there are cores, since browsers and servers wait much; one for whoever looks on.
    watched = any(option.startswith(("-n", "-s", "--pdb", "--capture", "--numprocesses")) for option in options)
    together = [] if watched else ["-n", str(min(4, (os.cpu_count() or 1) + 1)), "--dist", "worksteal"]
    # Each of a hundred servers would compile everything anew, and so would each process that collects the tests.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    say("$ pytest " + " ".join([*together, *options]))
    tested = subprocess.call([python, "-m", "pytest", *together, *options], env=kept)
    return 1 if failed or tested else 0


def lighthouse():
    """Lighthouse's four scores of the start page, as a desk sees it. Below 95 in one of them is a failure."""
    npx = shutil.which("npx")
    if not npx or not shutil.which("node"):
        sys.exit("Lighthouse runs in Node and comes from npm. Install both (on Debian: apt-get install nodejs npm).")
    find_browser()
    python = locked_environment(RUN)
    serve = [python, "-m", "app", "--no-browser", "--port", "0"]
    # Nothing of it stays in the checkout: reports and profiles go to a folder that ends with the command.
    with tempfile.TemporaryDirectory() as folder, subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as server:
        try:
            address = re.search(r"http://\S+", server.stdout.readline()).group()
            report = Path(folder) / "report.json"
            flags = "--chrome-flags=--headless=new --no-sandbox --disable-background-networking"
            only = "--only-categories=performance,accessibility,best-practices,seo"
            where = ["--output=json", "--output-path=" + str(report), "--preset=desktop", "--quiet"]
            command = [npx, "--yes", "lighthouse@12.8.2", address, flags, only, *where]
            environment = {**os.environ, "CHROME_PATH": os.environ["CHROMIUM"], "TMPDIR": folder}
            say("$ npx lighthouse@12.8.2 " + address)
            if subprocess.call(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL):
                sys.exit("Lighthouse could not be run. Its first start needs a connection to the npm registry.")
            told = json.loads(report.read_text(encoding="utf-8"))
        finally:
            server.terminate()
    scores = {each["title"]: round(100 * (each["score"] or 0)) for each in told["categories"].values()}
    for title, score in scores.items():
        say(f"{score:4d}  {title}")
    if min(scores.values()) < GOOD:
        asked = {each["id"] for one in told["categories"].values() for each in one["auditRefs"] if each["weight"]}
        missed = [told["audits"][name] for name in sorted(asked) if (told["audits"][name]["score"] or 0) < 0.9]
        say("Below 90: " + "; ".join(one["title"] + " " + one.get("displayValue", "") for one in missed))
        return 1
    return 0


def locked_environment(*locks):
    options = ["--require-hashes"]
    for lock in locks:
        options += ["-r", str(lock)]
    return environment(ROOT / ".venv", options, stamps(*locks), "200 MB, under a minute on a quick line")


def torch_environment():
    # PyTorch stays out of .venv: it is large, and only this comparison asks for it. Its wheels differ from
    # machine to machine, so it is pinned by version and not by hash.
    pins = re.findall(r"^(?:numpy|pytest)==[^\s;]+", RUN.read_text() + TEST.read_text(), re.MULTILINE)
    options = ["torch==2.13.0", *pins]
    size = "PyTorch is 200 MB, with a graphics card's libraries several GB: some minutes"
    return environment(ROOT / ".venv-torch", options, {digest(" ".join(options))}, size)


def environment(folder, pip_options, wanted, size):
    """The path of an environment's Python, once everything wanted is installed in it.

    The stamp lists what is installed. It is removed first and written last, so an interrupted installation
    is never taken for a finished one.
    """
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / "installed.txt"
    if python.exists() and stamp.exists() and wanted <= set(stamp.read_text().split()):
        return str(python)
    say(f"Installing ConvWalk's packages into {folder.name} ({size}) ...")
    stamp.unlink(missing_ok=True)
    usable = f"import pip, sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    if not python.exists() or subprocess.call([python, "-c", usable], stderr=subprocess.DEVNULL):
        make_environment(folder)
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
    hint = "Installing packages needs a connection to the Python package index."
    run([str(python), "-m", "pip", "install", *quiet, *pip_options], hint)
    stamp.write_text("\n".join(sorted(wanted)) + "\n")
    return str(python)


def stamps(*locks):
    return {digest(lock.read_text()) for lock in locks}


def digest(text):
    # With another Python the same lock means other files.
    return hashlib.sha256(f"{sys.version_info[:2]} {text}".encode()).hexdigest()


def make_environment(folder):
    shutil.rmtree(folder, ignore_errors=True)
    if not has_venv() and root_with_apt():
        apt_install(["python3-venv"])
    if has_venv():
        run([sys.executable, "-m", "venv", str(folder)], "Python made no environment.")
    elif shutil.which("uv"):
        # --seed puts pip in, so that what follows is the same for both.
        run(["uv", "venv", "--seed", "--python", sys.executable, str(folder)], "uv made no environment.")
    else:
        sys.exit("This Python lacks venv or ensurepip. Install the package python3-venv, then start again.")


def has_venv():
    # Debian ships venv without ensurepip, and a venv without pip is of no use here.
    importlib.invalidate_caches()
    return all(importlib.util.find_spec(module) for module in ("venv", "ensurepip"))


def find_browser(others=(), best=None):
    """Put a Chromium into $CHROMIUM, or end with what to install. Of the others, say which are not here.

    The best is taken where it is to be had, unless $CHROMIUM names one already.
    """
    named = os.environ.get("CHROMIUM", "")
    missing = [] if browser() else ["chromium"]
    if shutil.which("dpkg-query"):
        # The Chinese page needs a font with its characters, and the Node inside playwright needs libatomic.
        missing += [package for package in ("fonts-noto-cjk", "libatomic1") if not apt_has(package)]
    absent = {name: lacking(OTHERS[name]) for name in others if lacking(OTHERS[name])}
    wanted = [package for packages in absent.values() for package in packages]
    if best and not named and shutil.which("dpkg-query"):
        wanted += lacking((best,))
    if root_with_apt() and (missing or wanted):
        apt_install(missing, wanted)
    elif missing:
        packages = " ".join(missing)
        sys.exit(
            f"The browser tests need {packages}. Install with: apt-get install {packages}\n"
            "Any other Chromium or Chrome will do: put its path into $CHROMIUM."
        )
    os.environ["CHROMIUM"] = (not named and best and shutil.which(best)) or browser() or ""
    for name in absent:
        packages = " ".join(lacking(OTHERS[name]))
        if packages:
            say(f"No test is run in {name}, which is not here. On Debian it comes with: apt-get install {packages}")


def lacking(packages):
    """Those of the packages that are not here. Elsewhere than on Debian, what counts is the program in the first."""
    if shutil.which("dpkg-query"):
        return [package for package in packages if not apt_has(package)]
    return [] if shutil.which({"webkit2gtk-driver": "WebKitWebDriver"}.get(packages[0], packages[0])) else [*packages]


def browser():
    names = (os.environ.get("CHROMIUM", ""), *BROWSERS)
    return next(filter(None, map(shutil.which, names)), None)


def root_with_apt():
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")


def apt_has(package):
    query = ["dpkg-query", "--show", "--showformat=${db:Status-Status}", package]
    return subprocess.run(query, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout == b"installed"


def apt_install(needed, wanted=()):
    """Install packages; those that are only wanted as far as this system has them, and nothing ends without them."""
    say("Installing " + ", ".join([*needed, *wanted]) + " with apt (a minute or two) ...")
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    # A source of somebody else's may be out of reach; what counts is whether these packages are found.
    subprocess.call(["apt-get", "update"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    install = ["apt-get", "install", "--yes", "--no-install-recommends"]
    had = [package for package in wanted if apt_offers(package)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
    if had and subprocess.call([*install, *needed, *had], **quiet) == 0:
        return
    if needed:
        run([*install, *needed], "apt could not install them.")


def apt_offers(package):
    # What is only a name that others provide, or a stub that fetches a snap, cannot be driven.
    shown = subprocess.run(["apt-cache", "show", package], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return shown.returncode == 0 and b"\nFilename:" in shown.stdout


def run(command, sentence):
    """Run a command without its chatter. If it fails, end with its last lines and a sentence of our own."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    if done.returncode:
        lines = done.stdout.decode(errors="replace").splitlines()[-3:]
        sys.exit("\n".join([*lines, f"That failed: {' '.join(command[:5])} ... {sentence}"]))


def become(python, module, *arguments):
    """End as the module's own process, so that Ctrl-C reaches it and nothing stands between."""
    if os.name == "nt":
        # Windows has no exec that waits.
        sys.exit(subprocess.call([python, "-m", module, *arguments]))
    os.execv(python, [python, "-m", module, *arguments])


def say(sentence):
    print(sentence, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
