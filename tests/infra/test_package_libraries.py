"""The packages that are really deployed: complete, and no heavier than they were."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from infra.build import package
from infra.build.package import Target

pytestmark = pytest.mark.packages

NATIVE = Target.parse("")
FUNCTIONS = sorted(path.parent.name for path in package.ROOT.glob("functions/*/handler.py"))

# What the Lambda runtime brings along, but for urllib3: who calls the outside packages its own.
RUNTIME = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six")

# The role of a vendor's folder that each function loads by name.
ROLES = {
    "ingest": "source",
    "mail": "source",
    "changes": "source",
    "fetch": "fetch",
    "poll": "fetch",
    "deliver": "crm",
    "notify": "notify",
}

# What a function loads only when it works, so that no cold start waits for it.
LATER = {
    "refresh": ("leadrelay.reports.refresh", "leadrelay.reports.watch", "duckdb"),
    "report": ("leadrelay.reports.warm", "leadrelay.reports.pages", "jinja2", "duckdb"),
}

# Megabytes as installed, without compiled files: a tenth above what they are, so that a newcomer is noticed.
BUDGETS = {
    "publish": 14,
    "ingest": 30,
    "mail": 30,
    "changes": 14,
    "route": 14,
    "sla_check": 25,
    "lake": 14,
    "report": 103,
    "refresh": 90,
    "act": 25,
    "fetch": 54,
    "poll": 51,
    "score": 26,
    "notify": 32,
    "deliver": 51,
}


@pytest.mark.parametrize("function", sorted(BUDGETS))
def test_libraries_keep_to_their_budget(function: str) -> None:
    folder = package.install(package.requirements(function), NATIVE)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    assert size < BUDGETS[function] * 1024**2, json.dumps(_heaviest(folder))


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runtime's own libraries, apart from everything else that is installed here."""
    folder = tmp_path_factory.mktemp("runtime")
    for name in RUNTIME:
        spec = importlib.util.find_spec(name)
        assert spec, name
        assert spec.origin, name
        origin = Path(spec.origin)
        library = origin.parent if origin.name == "__init__.py" else origin
        (folder / library.name).symlink_to(library)
    return folder


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The package of a function, built when it is first looked at."""

    @cache
    def built(function: str) -> Path:
        folder = tmp_path_factory.mktemp(function)
        package.package("".join(word.capitalize() for word in function.split("_")) + "Function", folder, NATIVE)
        return folder

    return built


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_package_brings_everything_that_it_imports(
    function: str, packaged: Callable[[str], Path], runtime: Path
) -> None:
    folder, role = packaged(function), ROLES.get(function)
    vendors = [path.parent.name for path in folder.glob(f"connectors/*/{role}.py")] if role else []
    modules = [f"functions.{function}.handler", *(f"connectors.{vendor}.{role}" for vendor in vendors)]
    modules += LATER.get(function, ())
    outside = [line.partition("!=")[0] for line in package.requirements(function)]
    loading = [f"importlib.import_module({name!r})" for name in modules]
    loading += [f"importlib.metadata.distribution({name!r})" for name in outside]
    program = f"import importlib.metadata, sys; sys.path[:0] = [{str(folder)!r}, {str(runtime)!r}]; "
    environment = {"POWERTOOLS_SERVICE_NAME": function}
    command = [sys.executable, "-I", "-S", "-c", program + "; ".join(loading)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "function",
    [
        "ingest",
        "mail",
        "changes",
        "fetch",
        "poll",
        "score",
        "route",
        "deliver",
        "notify",
        "sla_check",
        "act",
        "report",
        "refresh",
    ],
)
def test_time_zones_come_along_where_rules_are_read(function: str) -> None:
    """The Lambda runtime may have no time zones of its own, and every calendar names one."""
    folder = package.install(package.requirements(function), NATIVE)
    program = f"import sys; sys.path[:0] = [{str(folder)!r}]; import zoneinfo; zoneinfo.ZoneInfo('Europe/Warsaw')"
    bare = f"import zoneinfo; zoneinfo.reset_tzpath([]); {program}"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", bare], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("function", ["score", "sla_check", "act"])
def test_whoever_judges_a_lead_can_read_its_number_and_its_address(
    function: str, packaged: Callable[[str], Path]
) -> None:
    """Loaded only when a lead is judged, so nothing but a judgement would miss them: at night, for instance."""
    judging = (
        "from leadrelay.domain.enrichment.reachable import phone_facts; from leadrelay.domain.person import normal; "
        "print(phone_facts('+48512345678'), normal.company_domain('ada@mail.firma.co.uk', ()))"
    )
    program = f"import sys; sys.path[:0] = [{str(packaged(function))!r}]; {judging}"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "('mobile', 'PL') firma.co.uk", done.stderr


def test_every_function_has_a_budget() -> None:
    lists = {path.stem for path in (package.ROOT / "requirements/lambda").glob("*.txt")}
    assert lists == set(BUDGETS)


def _heaviest(folder: Path) -> dict[str, int]:
    sizes = {
        part.name: sum(path.stat().st_size for path in part.rglob("*") if path.is_file()) // 1024
        for part in folder.iterdir()
    }
    return dict(sorted(sizes.items(), key=lambda item: -item[1])[:8])
