"""Fills one Lambda's package: its handler, the shared code, and only the libraries that it imports.

`sam build` runs `make build-<LogicalId>` for each function, and that rule runs this file. It needs nothing but the
standard library and pip, so that a package can be built before anything of the project is installed.

Libraries come from `requirements/lambda/<function>.txt` and from every `connectors/<vendor>/connector.toml` that says
`[requirements] <function> = [...]`; versions come from `requirements/constraints.txt`. Functions with the same list
share one installation under `build/deps/`, whose name is a hash of all it depends on.
"""

from __future__ import annotations

import argparse
import compileall
import fcntl
import hashlib
import os
import py_compile
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONSTRAINTS = Path("requirements/constraints.txt")

# What serves people at a desk, or tests, and never a Lambda.
NOT_SHIPPED = {
    "leadrelay": ("cli", "local", "memory", "rulebook"),
    "connectors": ("cases", "sample*", "sandbox*", "schema", "setup.py", "snippet"),
}
NEVER = ("__pycache__", "*.pyc", "*.md")

# What `make deploy` builds before the functions, and where a package has it: the rules that a function falls back to,
# and what Athena is asked.
BUILT = {"rules.json": ".", "athena.json": "leadrelay/reports/base"}

# Library parts that nothing here imports and that weigh more than the rest of their package.
PRUNED = (
    "bin",
    *(f"phonenumbers/{part}" for part in ("carrierdata", "geodata", "tzdata")),
    *(
        f"hubspot/{part}"
        for part in (
            "automation", "cms", "communication_preferences", "conversations", "events", "files", "marketing", "oauth",
            "settings", "webhooks",
        )
    ),
    *(
        f"hubspot/crm/{part}"
        for part in (
            "commerce", "companies", "contacts", "deals", "exports", "extensions", "imports", "line_items", "products",
            "properties", "quotes", "schemas", "tickets", "timeline",
        )
    ),
    *(
        f"hubspot/crm/objects/{part}"
        for part in (
            "calls", "communications", "deal_splits", "emails", "feedback_submissions", "goals", "leads", "meetings",
            "notes", "postal_mail", "tasks", "taxes",
        )
    ),
)  # fmt: skip

MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}

# Wheels say which C library they need at least. Runtimes have 2.34 from Python 3.12 on, and 2.26 before.
OLD_WHEELS = ("manylinux_2_26", "manylinux2014")
NEW_WHEELS = ("manylinux_2_34", "manylinux_2_31", "manylinux_2_28", "manylinux_2_27", *OLD_WHEELS)
NEW_WHEELS_SINCE = 12


class Unbuildable(Exception):
    """Says what to change so that the package can be built."""


@dataclass(frozen=True, slots=True)
class Target:
    """The machine that runs the package: a Python such as `3.14` and an architecture; None means this machine's own."""

    python: str
    architecture: str | None

    @classmethod
    def parse(cls, text: str) -> Target:
        """Reads `python3.14/arm64`, or the empty text for this machine. Raises Unbuildable for anything else."""
        if not text:
            return cls(_own_python(), None)
        match = re.fullmatch(r"python(3\.\d+)/(\w+)", text)
        if not match or match[2] not in MACHINES:
            choices = " or ".join(MACHINES)
            raise Unbuildable(f"LEADRELAY_TARGET is {text!r}; say for example python3.14/arm64 ({choices}).")
        return cls(match[1], match[2])

    def pip_options(self) -> list[str]:
        """Wheels of the target only: a source package would be built for this machine instead."""
        if self.architecture is None:
            return []
        new = int(self.python.partition(".")[2]) >= NEW_WHEELS_SINCE
        platforms = [f"{each}_{MACHINES[self.architecture]}" for each in (NEW_WHEELS if new else OLD_WHEELS)]
        wheels = [option for each in platforms for option in ("--platform", each)]
        return [*wheels, "--only-binary=:all:", "--implementation", "cp", "--python-version", self.python]


def package(logical_id: str, destination: Path, target: Target, root: Path = ROOT) -> None:
    """Fills `destination` with everything that the function needs to run. Raises Unbuildable."""
    function = function_name(logical_id)
    libraries = install(requirements(function, root), target, root)
    shutil.copytree(libraries, destination, dirs_exist_ok=True)
    copy_code(function, destination, root)
    if target.python == _own_python():
        precompile(destination, skip=libraries)


def function_name(logical_id: str) -> str:
    """The folder under functions/ of a resource in template.yaml: `SlaCheckFunction` is `sla_check`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", logical_id.removesuffix("Function")).lower()


def requirements(function: str, root: Path = ROOT) -> list[str]:
    """Requirement lines of one function: its own file's and those that vendors ask for, sorted, each once."""
    own = root / "requirements" / "lambda" / f"{function}.txt"
    if not own.is_file():
        raise Unbuildable(f"{function} has no list of libraries; write {own.relative_to(root)}.")
    lines = {line.strip() for line in own.read_text().splitlines()}
    names = {line for line in lines if line and not line.startswith(("#", "-"))}
    for manifest in sorted(root.glob("connectors/*/connector.toml")):
        asked = tomllib.loads(manifest.read_text()).get("requirements", {})
        names.update(asked.get(function, []))
    return sorted(names)


def install(names: list[str], target: Target, root: Path = ROOT) -> Path:
    """The folder with these libraries, pruned, installed unless an earlier build has left it there."""
    key = "\n".join([*names, repr(target), (root / CONSTRAINTS).read_text(), Path(__file__).read_text()])
    shelf = root / "build" / "deps"
    folder = shelf / hashlib.sha256(key.encode()).hexdigest()[:16]
    shelf.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time(shelf / ".lock"):
        if not folder.is_dir():
            _install_anew(names, target, folder, root)
    return folder


def _install_anew(names: list[str], target: Target, folder: Path, root: Path) -> None:
    """Builds beside `folder` and renames, so that an interrupted installation is never taken for a whole one."""
    print(f"  libraries: {', '.join(names)}", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        fresh = Path(scratch) / "libraries"
        fresh.mkdir()
        if names:
            _pip(["--target", str(fresh), "-c", str(root / CONSTRAINTS), *target.pip_options(), *names])
        for part in PRUNED:
            shutil.rmtree(fresh / part, ignore_errors=True)
        if target.python == _own_python():
            precompile(fresh)
        fresh.rename(folder)


def _pip(options: list[str]) -> None:
    quiet = ["--quiet", "--quiet", "--disable-pip-version-check", "--no-warn-conflicts", "--root-user-action=ignore"]
    done = subprocess.run([sys.executable, "-m", "pip", "install", *quiet, "--no-compile", *options], check=False)
    if done.returncode:
        raise Unbuildable("pip could not install the libraries above; its own message says why.")


def copy_code(function: str, destination: Path, root: Path = ROOT) -> None:
    """Copies the function's handler, the modules all handlers share, the product, and what else was built for it."""
    handler = root / "functions" / function / "handler.py"
    if not handler.is_file():
        raise Unbuildable(f"template.yaml names a function that is not there: {handler.relative_to(root)}.")
    for name, left_out in NOT_SHIPPED.items():
        shutil.copytree(root / name, destination / name, ignore=shutil.ignore_patterns(*left_out, *NEVER))
    shared = [path for path in (root / "functions").glob("*.py") if path.is_file()]
    (destination / "functions").mkdir()
    for path in shared:
        shutil.copy2(path, destination / "functions")
    shutil.copytree(handler.parent, destination / "functions" / function, ignore=shutil.ignore_patterns(*NEVER))
    for built, place in BUILT.items():
        if (root / "build" / built).is_file() and (destination / place).is_dir():
            shutil.copy2(root / "build" / built, destination / place)


def precompile(folder: Path, skip: Path | None = None) -> None:
    """Writes `.pyc` files that are trusted unread: a package is unpacked with other times than it was built with."""
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    for path in folder.iterdir():
        if path.is_dir() and not (skip and (skip / path.name).exists()):
            with warnings.catch_warnings(action="ignore"):  # how a library is written is its authors' business
                compileall.compile_dir(path, quiet=2, stripdir=str(folder), invalidation_mode=mode)


@contextmanager
def _one_at_a_time(lock: Path) -> Iterator[None]:
    """Builds run side by side; the second one that wants the same libraries waits for the first."""
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _own_python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def main() -> int:
    """Command line: the resource's logical id and the folder to fill; LEADRELAY_TARGET names the machine."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("logical_id")
    parser.add_argument("destination", type=Path)
    arguments = parser.parse_args()
    try:
        package(arguments.logical_id, arguments.destination, Target.parse(os.environ.get("LEADRELAY_TARGET", "")))
    except Unbuildable as problem:
        print(f"{arguments.logical_id}: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
