"""The gates close: each rule of the house is broken on purpose and the tool that guards it must say so."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.infra.cloudformation import ROOT

PROGRAMS = Path(sys.executable).parent
SAM = ROOT / ".venv-local" / "bin" / "sam"

BANNED = {
    "datetime.datetime.now": "from datetime import datetime\n\nNOW = datetime.now()\n",
    "datetime.date.today": "import datetime\n\nNOW = datetime.date.today()\n",
    "time.time": "import time\n\nNOW = time.time()\n",
    "time.monotonic": "from time import monotonic\n\nNOW = monotonic()\n",
    "random": "import random\n\nDICE = random.Random()\n",
    "secrets": "import secrets\n\nDICE = secrets.token_hex()\n",
    "uuid": "from uuid import uuid4\n\nNAME = uuid4()\n",
    "os.urandom": "import os\n\nDICE = os.urandom(8)\n",
    "os.environ": "import os\n\nSETTING = os.environ['A']\n",
}


def ruff(source: str, pretended: str) -> str:
    """What ruff says of a text as if it stood in that file."""
    command = [PROGRAMS / "ruff", "check", "--no-cache", "--select", "TID251", "--stdin-filename", pretended, "-"]
    return subprocess.run(command, cwd=ROOT, input=source, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize("name", sorted(BANNED))
@pytest.mark.parametrize("folder", ["leadrelay/domain", "leadrelay/domain/clocks", "leadrelay/workflows"])
def test_clocks_and_dice_are_refused_where_decisions_are_made(name: str, folder: str) -> None:
    assert f"`{name}` is banned" in ruff(BANNED[name], f"{folder}/planted.py")


@pytest.mark.parametrize("folder", ["leadrelay/aws", "leadrelay/local", "functions/ingest"])
def test_clocks_and_dice_are_welcome_at_the_edge(folder: str) -> None:
    assert "banned" not in ruff("".join(BANNED.values()), f"{folder}/planted.py")


PARTS = ("domain", "ports", "workflows", "memory", "aws", "reports", "rulebook", "cli", "local")
PACKAGES = (
    *("leadrelay", "functions", "connectors"),
    *(f"leadrelay/{part}" for part in PARTS),
    *("functions/one", "functions/two", "connectors/kit", "connectors/one", "connectors/two"),
)
PLANTED = {
    "leadrelay/domain/planted.py": ("leadrelay.ports", "Arrows point inward"),
    "leadrelay/workflows/planted.py": ("leadrelay.aws", "Arrows point inward"),
    "leadrelay/aws/planted.py": ("leadrelay.workflows", "Arrows point inward"),
    "connectors/one/planted.py": ("functions.one", "Arrows point inward"),
    "leadrelay/domain/deep.py": ("boto3", "What decides knows no cloud and no network"),
    "leadrelay/rulebook/planted.py": ("urllib3", "What decides knows no cloud and no network"),
    "connectors/one/source.py": ("requests", "What decides knows no cloud and no network"),
    "connectors/one/crm.py": ("boto3", "Only leadrelay.aws and the local cloud speak to AWS"),
    "functions/one/handler.py": ("botocore", "Only leadrelay.aws and the local cloud speak to AWS"),
    "connectors/one/vendor.py": ("connectors.two", "A vendor never imports another vendor"),
    "functions/one/other.py": ("functions.two", "A handler never imports another handler"),
}


@pytest.fixture(scope="module")
def skeleton(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's packages, empty, under the project's own contracts."""
    root = tmp_path_factory.mktemp("skeleton")
    shutil.copy(ROOT / "pyproject.toml", root)
    for name in PACKAGES:
        (root / name).mkdir(exist_ok=True)
        (root / name / "__init__.py").touch()
    (root / "connectors/one/source.py").touch()
    (root / "connectors/one/uses_kit.py").write_text("import connectors.kit\n")
    return root


def broken_contracts(root: Path) -> set[str]:
    """Names of the contracts that import-linter reports as broken."""
    command = [PROGRAMS / "lint-imports", "--no-cache"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    broken = set(re.findall(r"^(.+) BROKEN", done.stdout, re.MULTILINE))
    assert bool(done.returncode) == bool(broken), done.stdout + done.stderr
    return broken


def test_the_skeleton_itself_is_in_order(skeleton: Path) -> None:
    assert broken_contracts(skeleton) == set()


@pytest.mark.parametrize("file", sorted(PLANTED))
def test_an_arrow_that_points_the_wrong_way_is_refused(skeleton: Path, file: str) -> None:
    imported, contract = PLANTED[file]
    path = skeleton / file
    before = path.read_text() if path.exists() else None
    path.write_text(f"import {imported}\n")
    try:
        assert contract in broken_contracts(skeleton)
    finally:
        path.unlink() if before is None else path.write_text(before)


@pytest.mark.parametrize("template", ["template.yaml", "infra/watch.yaml"])
@pytest.mark.sam
def test_the_template_is_valid(template: str, tmp_path: Path) -> None:
    done = lint(ROOT / template, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.sam
def test_the_linter_notices_a_typing_mistake(tmp_path: Path) -> None:
    text = (ROOT / "template.yaml").read_text()
    assert "maxReceiveCount" in text
    broken = tmp_path / "template.yaml"
    broken.write_text(text.replace("VisibilityTimeout", "VisibilityTimeOut"))
    done = lint(broken, tmp_path)
    assert done.returncode != 0
    assert "VisibilityTimeOut" in done.stdout + done.stderr


def lint(template: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """`sam validate --lint`, offline."""
    if not SAM.exists():
        pytest.fail("no SAM CLI here; run `make .venv-local/ready`")
    settings = {"PATH": f"{SAM.parent}:/usr/bin:/bin", "HOME": str(home), "SAM_CLI_TELEMETRY": "0"}
    settings |= {"AWS_DEFAULT_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
    command = [SAM, "validate", "--lint", "--template", template]
    return subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, check=False)


def test_pins_name_no_registry_and_pin_everything() -> None:
    files = [*ROOT.glob("requirements/*.txt"), *ROOT.glob("requirements/lambda/*.txt")]
    assert len(files) > 10
    for path in files:
        assert not re.search(r"://|--(extra-)?index|find-links|-i\s", path.read_text()), path
    pinned = pins(ROOT / "requirements/constraints.txt")
    asked = names(ROOT / "requirements/dev.txt")
    assert asked <= set(pinned)
    for path in ROOT.glob("requirements/lambda/*.txt"):
        assert names(path) <= asked, path
    assert len(pins(ROOT / "requirements/local.txt")) > 50


@pytest.mark.parametrize(
    "manifest", sorted(ROOT.glob("connectors/*/connector.toml")), ids=lambda path: path.parent.name
)
def test_what_a_vendor_asks_for_is_installed_and_pinned(manifest: Path) -> None:
    asked = tomllib.loads(manifest.read_text()).get("requirements", {})
    functions = {path.stem for path in ROOT.glob("requirements/lambda/*.txt")}
    assert set(asked) <= functions | {"cli"}
    wanted = {canonical(line) for lines in asked.values() for line in lines}
    assert wanted <= names(ROOT / "requirements/dev.txt")


def names(path: Path) -> set[str]:
    """Canonical names that a requirements file asks for."""
    lines = path.read_text().splitlines()
    return {canonical(line) for line in lines if line and not line.startswith(("#", "-"))}


def pins(path: Path) -> dict[str, str]:
    """Exact versions by canonical name; every line that is not a comment must be one."""
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    assert all("==" in line for line in lines), path
    return {canonical(line): line.split("==")[1] for line in lines}


def canonical(requirement: str) -> str:
    """The name that registries compare: lower case, one dash for any of - _ . and no extras or versions."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[=!<>~ ]", requirement)[0]).lower()


@pytest.mark.parametrize("marker", ["simulation", "e2e"])
def test_what_make_runs_by_its_folder_stands_in_that_folder(marker: str) -> None:
    """`make test` collects no other folder for it, so a test marked elsewhere would never run."""
    marked = {
        path for path in (ROOT / "tests").rglob("test_*.py") if f"pytest.mark.{marker}" in path.read_text("utf-8")
    }
    assert marked
    assert {path.relative_to(ROOT).parts[1] for path in marked} == {marker}
    assert f"pytest tests/{marker} -m {marker}" in (ROOT / "Makefile").read_text("utf-8")
