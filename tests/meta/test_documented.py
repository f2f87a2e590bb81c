"""What exists is documented, and what is documented exists."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from ringwall.cli.lazy import LazyGroup
from ringwall.cli.main import cli
from ringwall.resources import registry
from tests import reference

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


COMMANDS = dict(reference.all_commands())


@pytest.mark.parametrize("page", sorted(reference.PAGES))
def test_reference_is_current(page: str) -> None:
    """If this fails: `make docs`."""
    assert (REFERENCE / page).read_text() == reference.PAGES[page]()


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_its_arguments_and_options_are_in_the_reference(name: str) -> None:
    section = (REFERENCE / "commands.md").read_text().split(f"## ringwall {name}\n")[1]
    section = section.split("\n## ")[0]
    for parameter in COMMANDS[name].params:
        if isinstance(parameter, click.Option):
            assert all(option in section for option in parameter.opts)
            assert parameter.help, f"{name} {parameter.opts[0]} has no help"
        else:
            assert (parameter.metavar or parameter.name or "").upper() in section
    assert COMMANDS[name].help


def test_every_command_is_listed_with_a_sentence() -> None:
    groups = [cli, *(each for each in COMMANDS.values() if isinstance(each, LazyGroup))]
    listed = [text for group in groups for text in group.known.values()]
    assert [text for text in listed if not text.endswith(".")] == []


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_guide_speaks_of_every_command(name: str) -> None:
    guides = [ROOT / "README.md", *(ROOT / "docs" / name for name in ("tutorial.md", "web.md"))]
    assert any(f"ringwall {name}" in guide.read_text() for guide in guides)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_that_reports_takes_json(name: str) -> None:
    silent = {"demo", "init", "lab", "schema", "unlock"}
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
    group = isinstance(COMMANDS[name], LazyGroup)
    assert ("--json" in options) is (name not in silent and not group)


@pytest.mark.parametrize("name", sorted(registry()))
def test_a_resource_type_is_in_the_reference(name: str) -> None:
    assert f"### {name}\n" in (REFERENCE / "resource-types.md").read_text()


def test_every_type_that_can_be_created_has_its_row_of_write_calls() -> None:
    page = (REFERENCE / "resource-types.md").read_text()
    table = page.split("## Write calls")[1].split("## Types")[0]
    compiled = {node.type for graph in reference.samples() for node in graph}
    missing = [name for name in compiled if f"| {reference.short(name)} |" not in table]
    assert missing == []


def test_codes_of_errors_are_unique_and_explained() -> None:
    text = (ROOT / "src/ringwall/blueprint/codes.py").read_text()
    written = re.findall(r'\(\s*"(BP\d{3})"', text)
    assert [code for code, count in Counter(written).items() if count > 1] == []
    assert all(code.title and code.explanation for code in reference.all_codes())


def test_every_code_that_is_raised_is_in_the_table() -> None:
    known = {code.id for code in reference.all_codes()}
    raised: set[str] = set()
    for path in (ROOT / "src/ringwall/blueprint").rglob("*.py"):
        raised.update(re.findall(r'"(BP\d{3})"', path.read_text()))
    assert raised - known == set()


def test_every_file_of_a_type_defines_another_one() -> None:
    files = list((ROOT / "src/ringwall/resources").glob("*.py"))
    defining = [path for path in files if re.search(r"^RESOURCE\b", path.read_text(), re.MULTILINE)]
    assert len(defining) == len(registry())


def links(page: Path) -> Iterator[tuple[str, str]]:
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not target.startswith(("http://", "https://", "mailto:")):
            path, _, anchor = target.partition("#")
            yield path, anchor


def anchors(page: Path) -> set[str]:
    text = page.read_text()
    found = set(re.findall(r'<a id="([^"]+)">', text))
    for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        plain = re.sub(r"[^\w\s-]", "", heading.lower()).strip()
        found.add(re.sub(r"\s", "-", plain))
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for path, anchor in links(page):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name}: {path}"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), f"{page.name}: {path}#{anchor}"


def test_every_page_can_be_reached_from_the_readme() -> None:
    seen: set[Path] = set()
    queue = [ROOT / "README.md"]
    while queue:
        page = queue.pop()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        queue += [(page.parent / path).resolve() for path, _ in links(page) if path]
    assert [str(page.relative_to(ROOT)) for page in PAGES if page not in seen] == []


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    listed = [*project["dependencies"]]
    for extra in project["optional-dependencies"].values():
        listed += extra
    page = (ROOT / "docs/decisions/0018-dependencies.md").read_text()
    names = {re.split(r"[\[<>=!~ ]", item)[0] for item in listed} - {"ringwall"}
    assert [name for name in sorted(names) if not re.search(rf"\b{re.escape(name)}\b", page)] == []


def test_every_test_that_the_docs_name_exists() -> None:
    tests = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)", path.read_text())
    }
    named = {
        name
        for page in PAGES
        for name in re.findall(r"`(test_\w+)`", page.read_text())
        if not name.endswith("_")
    }
    assert named - tests == set()


def test_the_fortress_of_the_demo_is_the_example() -> None:
    packaged = ROOT / "src" / "ringwall" / "app" / "fortress.yaml"
    assert packaged.read_bytes() == (ROOT / "examples" / "fortress.yaml").read_bytes()


@pytest.mark.parametrize(
    "path", sorted((ROOT / "docs" / "concepts").glob("*.md")), ids=lambda p: p.stem
)
def test_a_concept_says_input_output_exact_and_unknown(path: Path) -> None:
    text = path.read_text()
    found = re.findall(r"^\*\*(Input|Output|Exact|Unknown)\.\*\*", text, re.MULTILINE)
    assert found == ["Input", "Output", "Exact", "Unknown"]


def test_every_trap_of_the_article_has_its_tests() -> None:
    page = (ROOT / "docs" / "article.md").read_text()
    traps = re.split(r"^## ", page, flags=re.MULTILINE)[1:]
    assert [int(trap.split(".")[0]) for trap in traps] == list(range(1, 11))
    assert all(re.search(r"`test_\w+`", trap) for trap in traps)
    tests = re.findall(r"`(test_trap_\w+)`", page)
    written = {
        name
        for path in (ROOT / "tests").rglob("test_*traps.py")
        for name in re.findall(r"def (test_trap_\w+)", path.read_text())
    }
    assert written == set(tests)


def test_the_types_of_our_own_are_a_closed_list() -> None:
    page = (ROOT / "docs/decisions/0001-the-node.md").read_text()
    ours = {name for name in registry() if name.startswith("Ringwall::")}
    assert ours == set(re.findall(r"`(Ringwall::\w+::\w+)`", page))
