"""The notebooks: their form, their parameters, how they are run and rendered."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import fixture_run
import nbformat
import pytest

from audit_lib import notebooks
from audit_lib.errors import AuditError, InputError

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
NAMES = ("unauthorized_access", "retention_compliance", "dpf_evidence", "explore")


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A run's folder with all reports made from it."""
    folder = fixture_run.write_run(tmp_path_factory.mktemp("made"), "full")
    notebooks.make_reports(folder, None)
    return folder


def written(tmp_path: Path, *cells: str) -> Path:
    """A notebook with a parameters cell and further code cells."""
    book = nbformat.v4.new_notebook()
    book.cells = [nbformat.v4.new_code_cell('count: int = 1  # how many\nname: str = "a"  # which', metadata={"tags": ["parameters"]})]
    book.cells += [nbformat.v4.new_code_cell(cell) for cell in cells]
    path = tmp_path / "own.ipynb"
    nbformat.write(book, path)
    return path


@pytest.mark.parametrize("name", NAMES)
def test_notebooks_are_words_calls_and_results(name):
    """At most 20 code cells of 8 lines, no def, class, for, if or try, no SQL but in explore, no outputs, parameters typed and explained."""
    book = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    cells = [cell for cell in book.cells if cell.cell_type == "code"]
    assert len(cells) <= 20
    for cell in cells:
        assert len(cell.source.splitlines()) <= 8 and not cell.outputs and cell.execution_count is None
        banned = (ast.FunctionDef, ast.ClassDef, ast.For, ast.If, ast.Try, ast.While, ast.Lambda)
        assert not any(isinstance(node, banned) for node in ast.walk(ast.parse(cell.source)))
        assert name == "explore" or not re.search(r"\bselect\b", cell.source, re.I)
    parameters = next(cell.source for cell in cells if "parameters" in cell.metadata.get("tags", []))
    assert all(re.fullmatch(r"\w+: (str|int|bool) = .*  # .+", line) for line in parameters.splitlines())
    assert set(notebooks.read_parameters(NOTEBOOKS / f"{name}.ipynb"))


def test_explore_answers_ten_questions_in_three_lines_each():
    """Ten numbered questions, each with one cell of at most three lines, or four where the call is closed by itself."""
    book = nbformat.read(NOTEBOOKS / "explore.ipynb", as_version=4)
    questions = [cell for cell in book.cells if cell.cell_type == "markdown" and re.match(r"## \d+ .*\?", cell.source)]
    assert len(questions) == 10
    assert all(len(cell.source.splitlines()) <= 3 for cell in book.cells[3:] if cell.cell_type == "code")


def test_every_report_has_the_same_fifteen_sections():
    """Readers find the same number for the same matter in every report; what one report has beyond stands under a number with a letter."""
    for name in NAMES[:3]:
        numbers = sections_of(name)
        assert [number for number in numbers if number.isdigit()] == [str(number) for number in range(1, 16)]
        assert [int(number.rstrip("abcd")) for number in numbers] == sorted(int(number.rstrip("abcd")) for number in numbers)


def sections_of(name):
    """The numbers of a report's sections, in order."""
    book = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    return [cell.source.split()[1] for cell in book.cells if cell.source.startswith("## ")]


@pytest.mark.parametrize("name", NAMES[:3])
def test_a_page_needs_nothing_from_outside(made, name):
    """No script, no font, no request; code is folded and there; contents lead to each section; size as a mail can carry."""
    html = (made / f"{name}.html").read_text()
    assert not re.search(r"<script|<link|@import|@font-face|<img|<iframe", html)
    assert not re.search(r"""(?:src|href|xlink:href)\s*=\s*["'](?!#)""", html)
    assert "url(" not in html
    assert "Code of this section" in html and "report.findings(audit" in html
    targets = set(re.findall(r'id="([^"]+)"', html))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= targets
    assert len(re.findall(r'<section class="s"', html)) == len(sections_of(name))
    assert len(html) < 700_000


def test_ids_of_a_page_are_unique(made):
    """Each id stands once, so that each link leads to one place."""
    for name in NAMES[:3]:
        found = re.findall(r'\bid="([^"]+)"', (made / f"{name}.html").read_text())
        assert len(found) == len(set(found)), [one for one in found if found.count(one) > 1][:5]


def test_executed_notebooks_are_the_same_each_time_and_tell_nothing_of_the_machine(made):
    """No duration, path or version that would differ between two equal runs; nothing in the metadata."""
    before = {name: (made / f"{name}.ipynb").read_bytes() for name in NAMES[:1]}
    notebooks.make_reports(made, None, list(before))
    for name, content in before.items():
        assert content == (made / f"{name}.ipynb").read_bytes()
        text = content.decode()
        assert str(made) not in text and sys.prefix not in text and "papermill" not in text
        assert set(json.loads(text)["metadata"]) == {"kernelspec", "language_info"}


def test_wrong_parameters_are_all_named_before_anything_runs(tmp_path):
    """Papermill would only warn of an unknown name and take any type."""
    path = written(tmp_path, "1 / 0")
    with pytest.raises(InputError) as told:
        notebooks.execute(path, tmp_path / "out.ipynb", {"cout": 1, "count": "two"})
    assert "no such parameter: 'cout'. Allowed: count, name" in str(told.value)
    assert "count must be int, not 'two'" in str(told.value)
    assert not (tmp_path / "out.ipynb").exists()


def test_a_boolean_is_no_whole_number(tmp_path):
    """`True` for an int is refused, although Python would take it."""
    with pytest.raises(InputError, match="count must be int, not True"):
        notebooks.check_parameters(written(tmp_path), {"count": True})


@pytest.mark.parametrize(
    ("cell", "said"),
    [("1 / 0", "ZeroDivisionError: division by zero"), ("raise SystemExit(0)", "did not run|SystemExit")],
)
def test_a_cell_that_fails_or_leaves_gives_no_notebook(tmp_path, cell, said):
    """An error and a SystemExit, which Papermill takes for success, both end with the cell's words and no file."""
    path = written(tmp_path, cell, "'after'")
    with pytest.raises(AuditError, match=said):
        notebooks.execute(path, tmp_path / "out.ipynb", {})
    assert list(tmp_path.iterdir()) == [path]


def test_the_kernel_is_this_interpreter(tmp_path):
    """Whatever kernels are registered, also where a broken one has the usual name."""
    kernels = tmp_path / "data" / "kernels" / "python3"
    kernels.mkdir(parents=True)
    (kernels / "kernel.json").write_text(json.dumps({"argv": ["/nowhere/python"], "display_name": "broken", "language": "python"}))
    path = written(tmp_path, "import sys; sys.executable")
    code = (
        "import sys; from pathlib import Path; from audit_lib import notebooks; "
        f"notebooks.execute(Path({str(path)!r}), Path({str(tmp_path / 'out.ipynb')!r}), {{}})"
    )
    source = str(Path(notebooks.__file__).parents[1])
    environment = {
        **os.environ,
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "HOME": str(tmp_path / "home"),
        "PYTHONPATH": source,
    }
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "" == done.stdout
    assert sys.executable in (tmp_path / "out.ipynb").read_text()


def test_unknown_notebooks_are_refused_with_those_there_are():
    """The message names the notebooks that may be asked for."""
    with pytest.raises(InputError, match="Allowed: unauthorized_access"):
        notebooks.find_notebook("balance")


def test_the_workbench_is_no_report(tmp_path):
    """`explore` shows the store as it is, so it never becomes a file of a run's folder."""
    folder = fixture_run.write_run(tmp_path, "none")
    with pytest.raises(InputError, match=r"explore\.ipynb: is no report of a run"):
        notebooks.make_reports(folder, None, ["explore"])
