"""Runs notebooks with the interpreter that runs the audit, and renders them to self-contained pages."""

import ast
import contextlib
import json
import logging
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat

from audit_lib import results, seals
from audit_lib.errors import AuditError, InputError
from audit_lib.page import render_page
from audit_lib.results import FOLDER_OF_RUN
from audit_lib.sql import shipped
from audit_lib.workbook import write_xlsx

REPORTS = ("unauthorized_access", "retention_compliance", "dpf_evidence")
KERNEL = "audit_lib"
ANSI = re.compile(r"\x1b\[[0-9;]*m")
TYPES = {"str": str, "int": int, "bool": bool}


def make_reports(run_folder: Path, project: Any, notebooks: list[str] | None = None, progress: Callable[[str], None] | None = None) -> list[Path]:
    """Executes notebooks over one run; writes NAME.ipynb, NAME.html and `findings.xlsx` into its folder.

    Args:
        run_folder: the run, sealed or still being written.
        project: the project, for its folder.
        notebooks: names such as `dpf_evidence`; none means all reports.
        progress: is told each step as a line.

    Raises InputError for an unknown notebook, AuditError for a cell that fails.
    """
    tell = progress or (lambda _: None)
    run_folder, made = Path(run_folder), []
    run = json.loads((run_folder / "run.json").read_text(encoding="utf-8"))
    for name in notebooks or REPORTS:
        path = find_notebook(name)
        if not {"period", "run"} <= read_parameters(path).keys():
            raise InputError(f"{path.name}: is no report of a run: it has no parameters period and run. Open it in JupyterLab")
        executed, page = run_folder / f"{path.stem}.ipynb", run_folder / f"{path.stem}.html"
        with _environment(**{FOLDER_OF_RUN: str(run_folder.resolve())}):
            execute(path, executed, {"period": run["period"], "run": run["run"]}, progress=tell)
        render(executed, page)
        made += [page, executed]
    tell("findings.xlsx")
    return [*made, write_xlsx(run_folder)]


def find_notebook(name: str) -> Path:
    """A shipped report notebook, or a path to one's own. Raises InputError where there is none."""
    path = Path(name) if name.endswith(".ipynb") else shipped("notebooks") / f"{name}.ipynb"
    if not path.is_file():
        raise InputError(f"notebook: no such notebook: {name!r}. Allowed: {', '.join(REPORTS)}, or the path of an .ipynb file")
    return path


def read_parameters(notebook: Path) -> dict[str, type]:
    """Names and types of the notebook's `parameters` cell. Raises InputError where the cell is missing or untyped."""
    cells = nbformat.read(notebook, as_version=4).cells
    source = next((cell.source for cell in cells if "parameters" in cell.metadata.get("tags", [])), None)
    if source is None:
        raise InputError(f"{notebook.name}: no cell is tagged `parameters`")
    found = {}
    for line in ast.parse(source).body:
        kind = TYPES.get(ast.unparse(line.annotation)) if isinstance(line, ast.AnnAssign) else None
        if kind is None:
            raise InputError(f"{notebook.name}: a parameter must be `name: str|int|bool = value`, not {ast.unparse(line)!r}")
        found[ast.unparse(line.target)] = kind
    return found


def check_parameters(notebook: Path, given: dict[str, Any]) -> None:
    """Raises InputError that names every parameter which the notebook does not have or which is of another type."""
    known, faults = read_parameters(notebook), []
    for name, value in given.items():
        if name not in known:
            faults.append(f"{notebook.name}: no such parameter: {name!r}. Allowed: {', '.join(known)}")
        elif type(value) is not known[name]:
            faults.append(f"{notebook.name}: {name} must be {known[name].__name__}, not {value!r}")
    if faults:
        raise InputError("\n".join(faults))


def execute(notebook: Path, output: Path, parameters: dict[str, Any], progress: Callable[[str], None] | None = None) -> Path:
    """Runs a notebook through Papermill into `output`, which is written whole or not at all.

    The kernel is this interpreter, whatever kernels are registered; a failed start is tried once more. The notebook runs in
    the current folder. Raises InputError for wrong parameters, AuditError with the failing cell's last words.
    """
    check_parameters(notebook, parameters)
    tell = progress or (lambda _: None)
    draft = output.with_name(f".draft-{output.name}")
    try:
        for attempt in (1, 2):
            tell(f"{notebook.stem}: running")
            try:
                _papermill(notebook, draft, parameters)
                break
            except RuntimeError as fault:  # the kernel died or didn't answer in time
                if attempt == 2:
                    raise AuditError(f"{notebook.name}: the kernel does not start: {fault}. Check that ipykernel is installed") from None
        book = nbformat.read(draft, as_version=4)
        _judge(notebook, book)
        nbformat.write(_plain(book), draft)
        os.replace(draft, output)
    finally:
        draft.unlink(missing_ok=True)
    tell(f"{notebook.stem}: done")
    return output


def _papermill(notebook: Path, draft: Path, parameters: dict[str, Any]) -> None:
    import papermill  # imported here: it takes most of a second, which no other command should pay
    import zmq
    from traitlets.config import Config

    logging.getLogger("papermill").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as home, _environment(**_kernel(Path(home))):
        try:
            papermill.execute_notebook(
                str(notebook),
                str(draft),
                parameters=parameters,
                kernel_name=KERNEL,
                progress_bar=False,
                log_output=False,
                start_timeout=60,
                config=Config({"KernelManager": {"transport_encryption": "auto" if zmq.has("curve") else "disabled"}}),
            )
        except papermill.PapermillExecutionError as fault:
            said = ANSI.sub("", f"{fault.ename}: {fault.evalue}")
            raise AuditError(f"{notebook.name}: cell {fault.source.splitlines()[0]!r} fails: {said}") from None


def _kernel(home: Path) -> dict[str, str]:
    """Writes the one kernel that is to be found, this interpreter, and returns the environment in which it is."""
    place = home / "kernels" / KERNEL
    place.mkdir(parents=True)
    command = [
        sys.executable,
        "-Xfrozen_modules=off",
        "-m",
        "ipykernel_launcher",
        "-f",
        "{connection_file}",
        "--HistoryManager.enabled=False",
        "--log-level=CRITICAL",
    ]
    spec = {
        "argv": command,
        "display_name": "Python 3",
        "language": "python",
        "metadata": {"debugger": False, "supported_encryption": ["curve"]},
    }
    (place / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    source = str(Path(__file__).parents[1])  # the same package in the kernel, also from a checkout that isn't installed
    return {
        "JUPYTER_PATH": str(home),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "IPYTHONDIR": str(home / "ipython"),
        "PYTHONPATH": os.pathsep.join([source, *filter(None, [os.environ.get("PYTHONPATH")])]),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "PYTHONWARNINGS": "ignore",
    }


@contextlib.contextmanager
def _environment(**values: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.__setitem__(name, value)


def _judge(notebook: Path, book: nbformat.NotebookNode) -> None:
    """Raises AuditError unless every code cell ran, in order, without an error."""
    expected = 0
    for place, cell in enumerate(book.cells, 1):
        if cell.cell_type != "code" or not cell.source.strip() or "papermill-error-cell-tag" in cell.metadata.get("tags", []):
            continue
        expected += 1
        error = next((output for output in cell.outputs if output.output_type == "error"), None)
        if error is not None:
            said = ANSI.sub("", f"{error.ename}: {error.evalue}")
            raise AuditError(f"{notebook.name}: cell {place} fails: {said}")
        if cell.execution_count != expected:
            raise AuditError(f"{notebook.name}: cell {place} did not run: {cell.source.splitlines()[0]!r}")


def _plain(book: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The executed notebook without what differs between equal runs or belongs to this machine: durations, paths, versions."""
    book.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    for place, cell in enumerate(book.cells):
        tags = list(cell.metadata.get("tags", []))
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        cell.id = f"cell-{place + 1}"
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.output_type != "stream" or output.name != "stderr"]
    return book


def render(executed: Path, html: Path) -> Path:
    """One self-contained page from an executed notebook: no script, no font, no request."""
    seals.write_whole(html, render_page(nbformat.read(executed, as_version=4), executed.stem, _run_of(executed)))
    return html


def _run_of(executed: Path) -> dict[str, Any]:
    record = executed.parent / "run.json"
    if not record.is_file():
        raise InputError(f"{executed}: no run.json beside it. Render a notebook in its run's folder")
    return json.loads(record.read_text(encoding="utf-8"))


def title_of(name: str) -> str:
    """A report's title by its notebook's name."""
    return results.REPORTS[name]["title"] if name in results.REPORTS else name.replace("_", " ").capitalize()
