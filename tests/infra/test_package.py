"""A Lambda's package holds its handler, the shared code and its own libraries, and nothing that serves a desk."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from infra.build import package
from infra.build.package import Target, Unbuildable

NATIVE = Target.parse("")


def wheel(folder: Path, name: str, module: str = "") -> Path:
    """The smallest library that pip installs, made here so that nothing is fetched."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}/__init__.py", module)
        archive.writestr(f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(
            f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{name}-1.0.dist-info/RECORD", "")
    return path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of two functions and two vendors, one of which asks for a library in `deliver`."""
    libraries = tmp_path / "wheels"
    libraries.mkdir()
    common, vendor = wheel(libraries, "common"), wheel(libraries, "vendorlib")
    root = tmp_path / "project"
    files = {
        "requirements/constraints.txt": "",
        "requirements/lambda/deliver.txt": f"# why\n-c ../constraints.txt\n{common}\n",
        "requirements/lambda/sla_check.txt": f"{common}\n",
        "functions/__init__.py": "",
        "functions/wiring.py": "",
        "functions/deliver/handler.py": "import common, vendorlib, leadrelay.domain\n",
        "functions/sla_check/handler.py": "import common, leadrelay.domain\n",
        "leadrelay/__init__.py": "",
        "leadrelay/domain/__init__.py": "",
        "leadrelay/cli/__init__.py": "",
        "leadrelay/local/__init__.py": "",
        "leadrelay/memory/__init__.py": "",
        "leadrelay/rulebook/__init__.py": "",
        "connectors/__init__.py": "",
        "connectors/one/connector.toml": f'[requirements]\ndeliver = ["{vendor}"]\n',
        "connectors/one/crm.py": "",
        "connectors/one/setup.py": "",
        "connectors/one/sample.py": "",
        "connectors/one/sandbox/__init__.py": "",
        "connectors/one/cases/a.json": "{}",
        "connectors/two/connector.toml": 'name = "two"\n',
        "connectors/two/sandbox.py": "",
        "leadrelay/reports/base/lead_rows.sql": "",
        "build/rules.json": "{}",
        "build/athena.json": "{}",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def built(project: Path, logical_id: str) -> Path:
    """One function's package."""
    folder = project.parent / logical_id
    package.package(logical_id, folder, NATIVE, project)
    return folder


def shipped(folder: Path) -> set[str]:
    """Files of a package, without what pip writes about its libraries."""
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return {name for name in files if "dist-info" not in name and "__pycache__" not in name}


def test_a_package_holds_its_own_handler_and_libraries(project: Path) -> None:
    assert shipped(built(project, "SlaCheckFunction")) == {
        "common/__init__.py",
        "connectors/__init__.py",
        "connectors/one/connector.toml",
        "connectors/one/crm.py",
        "connectors/two/connector.toml",
        "functions/__init__.py",
        "functions/sla_check/handler.py",
        "functions/wiring.py",
        "leadrelay/__init__.py",
        "leadrelay/domain/__init__.py",
        "leadrelay/reports/base/athena.json",
        "leadrelay/reports/base/lead_rows.sql",
        "rules.json",
    }


def test_a_vendors_library_comes_only_where_its_manifest_asks(project: Path) -> None:
    assert "vendorlib/__init__.py" in shipped(built(project, "DeliverFunction"))
    assert "vendorlib/__init__.py" not in shipped(built(project, "SlaCheckFunction"))


def test_packaged_code_runs_from_what_was_compiled(project: Path) -> None:
    folder = built(project, "DeliverFunction")
    compiled = {path.relative_to(folder).parts[0] for path in folder.rglob("*.pyc")}
    assert compiled == {"common", "vendorlib", "leadrelay", "functions", "connectors"}
    flags = {int.from_bytes(path.read_bytes()[4:8], "little") for path in folder.rglob("*.pyc")}
    assert flags == {0b01}  # PEP 552: hash-based, not checked against the source
    loading = f"import sys; sys.path.insert(0, {str(folder)!r}); import functions.deliver.handler"
    subprocess.run([sys.executable, "-I", "-S", "-c", loading], check=True)


def test_nothing_is_compiled_for_another_python(project: Path) -> None:
    other = Target.parse("python3.14/arm64") if sys.version_info[:2] != (3, 14) else Target.parse("python3.13/arm64")
    folder = project.parent / "other"
    package.package("SlaCheckFunction", folder, other, project)
    assert "common/__init__.py" in shipped(folder)
    assert not list(folder.rglob("*.pyc"))


def test_equal_lists_are_installed_once(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built(project, "SlaCheckFunction")
    monkeypatch.setattr(package, "_pip", lambda options: pytest.fail(f"installed again: {options}"))
    package.package("SlaCheckFunction", project.parent / "again", NATIVE, project)
    assert "common/__init__.py" in shipped(project.parent / "again")


def test_other_pins_are_another_installation(project: Path) -> None:
    names = package.requirements("sla_check", project)
    before = package.install(names, NATIVE, project)
    (project / package.CONSTRAINTS).write_text("common==1.0\n")
    assert package.install(names, NATIVE, project) != before


def test_a_failed_installation_leaves_nothing_behind(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (project / "requirements/lambda/deliver.txt").write_text(f"{project}/missing-1.0-py3-none-any.whl\n")
    with pytest.raises(Unbuildable, match="pip could not install"):
        built(project, "DeliverFunction")
    assert "missing" in capfd.readouterr().err
    assert [path.name for path in (project / "build/deps").iterdir()] == [".lock"]


@pytest.mark.parametrize(
    ("logical_id", "folder"),
    [("IngestFunction", "ingest"), ("SlaCheckFunction", "sla_check"), ("LakeFunction", "lake")],
)
def test_a_resource_names_its_folder(logical_id: str, folder: str) -> None:
    assert package.function_name(logical_id) == folder


def test_a_missing_handler_or_list_says_what_to_write(project: Path) -> None:
    with pytest.raises(Unbuildable, match=r"write requirements/lambda/absent\.txt"):
        built(project, "AbsentFunction")
    (project / "requirements/lambda/absent.txt").write_text("")
    with pytest.raises(Unbuildable, match=r"functions/absent/handler\.py"):
        built(project, "AbsentFunction")


@pytest.mark.parametrize("text", ["python3.14", "3.14/arm64", "python3.14/mips", "python2.7/arm64"])
def test_an_unknown_target_is_refused(text: str) -> None:
    with pytest.raises(Unbuildable, match=r"python3\.14/arm64"):
        Target.parse(text)


def test_a_target_asks_for_its_own_wheels_only() -> None:
    options = Target.parse("python3.14/arm64").pip_options()
    assert options[-5:] == ["--only-binary=:all:", "--implementation", "cp", "--python-version", "3.14"]
    platforms = options[1:-5:2]
    assert {"manylinux_2_28_aarch64", "manylinux2014_aarch64"} <= set(platforms)
    assert options[:-5:2] == ["--platform"] * len(platforms)
    assert NATIVE.pip_options() == []


def test_an_older_runtime_gets_no_wheel_that_needs_a_newer_c_library() -> None:
    assert Target.parse("python3.11/x86_64").pip_options()[1:-5:2] == ["manylinux_2_26_x86_64", "manylinux2014_x86_64"]
