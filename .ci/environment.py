"""Set up a virtual environment with what the Makefile needs, once.

    environment.py VENV CHECKOV [--group NAME]

Works with any Python from 3.9 on, also where the system's Python comes without `ensurepip` (Debian and
Ubuntu without python3-venv) or without pip. The syntax is older, so that an older Python can say what it lacks.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import List

OLDEST = (3, 9)
NEWEST = (3, 14)

# Only where Python brings no pip at all: the one that then installs the rest. It runs on every supported Python.
PIP_WHEEL = (
    "https://files.pythonhosted.org/packages/de/f0/"
    "c81e05b613866b76d2d1066490adf1a3dbc4ee9d9c839961c3fc8a6997af/pip-26.0.1-py3-none-any.whl"
)
PIP_SHA256 = "bdb1b08f4274833d62c1aa29e20907365a2ceb950410df15fc9521bad440122b"

STAMP = "ctkms-stamp"  # in the environment: what it was made for


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("venv", type=Path)
    parser.add_argument("checkov")
    parser.add_argument("--group", default="")
    wanted = parser.parse_args()
    if sys.version_info < OLDEST:
        return _run_again_with_a_newer_python()

    stamp = wanted.venv / STAMP
    python = wanted.venv / "bin" / "python"
    maker = f"python {sys.version.split()[0]} at {wanted.venv.resolve()}"
    content = f"{maker}\n{wanted.checkov}\n"
    group = f"group {wanted.group} {_fingerprint()}\n" if wanted.group else ""
    done = stamp.read_text().splitlines(True) if stamp.is_file() else []
    usable = done[:1] == [maker + "\n"] and python.exists()
    if usable and "".join(done[:2]) == content and (not group or group in done):
        return 0

    if wanted.venv.exists() and not done:
        return _fail(f"{wanted.venv} is there already, and not ours. Remove it, or name another: VENV=path.")
    _say(f"Setting up {wanted.venv} (this takes a minute or two, and only the first time)")
    if not usable and not _create_or_leave_nothing(wanted.venv, python):
        return _fail(
            f"{sys.executable} cannot make a virtual environment. On Debian and Ubuntu, `apt install python3-venv`\n"
            "mends that; elsewhere install `virtualenv` or `uv`, or name another Python: PYTHON=/path/to/python3."
        )
    return _install(python, stamp, wanted, maker, content + group)


def _install(python: Path, stamp: Path, wanted: argparse.Namespace, maker: str, content: str) -> int:
    stamp.write_text(maker + "\n")  # ours, but not finished
    # Twice quiet: errors only.
    pip = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input"]
    steps = [[*pip, wanted.checkov]]
    if wanted.group:
        # Groups came with pip 25.1.
        steps = [[*pip, "--upgrade", "pip>=25.1"], [*pip, wanted.checkov, "--group", wanted.group]]
    for step in steps:
        if subprocess.call(step) != 0:
            return _fail("pip could not install what is needed; its message stands above. Then run make again.")
    stamp.write_text(content)
    return 0


def _create_or_leave_nothing(venv: Path, python: Path) -> bool:
    created = False
    try:
        created = _create(venv, python)
    finally:
        if not created:
            shutil.rmtree(str(venv), ignore_errors=True)
    return created


def _create(venv: Path, python: Path) -> bool:
    """Make the environment in whichever way this machine offers; it then has a pip."""
    ways = [
        [sys.executable, "-m", "venv", "--clear", str(venv)],
        [sys.executable, "-m", "virtualenv", "--quiet", "--clear", str(venv)],
        ["virtualenv", "--quiet", "--clear", "--python", sys.executable, str(venv)],
        ["uv", "venv", "--quiet", "--clear", "--seed", "--python", sys.executable, str(venv)],
    ]
    without_pip = [sys.executable, "-m", "venv", "--clear", "--without-pip", str(venv)]
    if any(_works(way) and _works([str(python), "-m", "pip", "--version"]) for way in ways):
        return True
    return _works(without_pip) and _bring_pip(python)


def _bring_pip(python: Path) -> bool:
    """Install pip from its own wheel; through the system's pip if there is one, since that knows the mirrors."""
    with tempfile.TemporaryDirectory() as folder:
        wheel = Path(folder) / PIP_WHEEL.rpartition("/")[2]
        version = wheel.name.split("-")[1]
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder]
        if not _works([*download, "pip==" + version]) and not _fetch(wheel):
            return False
        return _works([str(python), str(wheel / "pip"), "install", "--quiet", "--no-index", str(wheel)])


def _fetch(wheel: Path) -> bool:
    try:
        with urllib.request.urlopen(PIP_WHEEL, timeout=60) as answer:
            content = answer.read()
    except OSError as error:
        _say(f"Cannot fetch {PIP_WHEEL}: {error}")
        return False
    if hashlib.sha256(content).hexdigest() != PIP_SHA256:
        _say(f"{PIP_WHEEL} is not the file it should be")
        return False
    wheel.write_bytes(content)
    return True


def _works(command: List[str]) -> bool:
    try:
        return subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    except OSError:  # no such program
        return False


def _run_again_with_a_newer_python() -> int:
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer and _works([newer, "-c", ""]):
            return subprocess.call([newer, *sys.argv])
    found = f"{sys.executable} is {sys.version.split()[0]}"
    return _fail(f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed, {found}. Name one: PYTHON=/path/to/python3.")


def _fingerprint() -> str:
    """Changes when the group's requirements may have changed."""
    return hashlib.sha256((Path(__file__).parent.parent / "pyproject.toml").read_bytes()).hexdigest()


def _say(message: str) -> None:
    sys.stderr.write(message + os.linesep)


def _fail(message: str) -> int:
    _say(message)
    return 1


if __name__ == "__main__":
    sys.exit(main())
