"""The golden notebooks, run again: what a reader of the sample company's reports saw is what comes out now."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import golden
import nbformat

from audit_lib import notebooks

# What may differ between machines: who ran it, the Python that ran it, addresses of objects.
SANITIZE = """
[operator]
regex: operator-[a-z2-7]{10}
replace: OPERATOR
[python]
regex: Python 3\\.\\d+\\.\\d+
replace: PYTHON
[object]
regex: 0x[0-9a-f]+
replace: ADDRESS
"""


def test_golden_notebooks_come_out_the_same(tmp_path):
    """Every output of every cell, HTML and text, on the same small company; a reference without outputs would prove nothing."""
    paths = sorted(golden.GOLDEN.glob("*.ipynb"))
    assert [path.stem for path in paths] == ["dpf_evidence", "explore", "retention_compliance", "unauthorized_access"]
    for path in paths:
        cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
        assert sum(bool(cell.outputs) for cell in cells) >= len(cells) - 3
        shutil.copy(path, tmp_path)
    golden.make_company(tmp_path)
    (tmp_path / "sanitize.cfg").write_text(SANITIZE, encoding="utf-8")
    environment = {
        **os.environ,
        **notebooks._kernel(tmp_path / "jupyter"),
        "PYTHONPATH": str(Path(notebooks.__file__).parents[1]),
    }
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--nbval",
        "--nbval-kernel-name",
        notebooks.KERNEL,
        "--nbval-sanitize-with",
        "sanitize.cfg",
    ]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", *[path.name for path in paths]],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    assert " passed" in done.stdout
