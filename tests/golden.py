"""Makes the golden notebooks: those of a small sample company, executed, as `tests/golden/` keeps them.

    python tests/golden.py        # after a change of controls, sample company, notebooks or templates; read the diff

The company's key for names is fixed, so that every machine gives the same pseudonyms.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"
ROOT = Path(__file__).parents[1]
NAMES = ("unauthorized_access", "retention_compliance", "dpf_evidence")


def make_company(home: Path) -> Path:
    """The sample company in `home/company` with a sealed run of its last quarter; returns the run's folder."""
    company = home / "company"
    _audit("sample", str(company), "--seed", "1", "--accounts", "200", "--events", "5000")
    (company / "identities.key").write_text(hashlib.sha256(b"golden").hexdigest() + "\n", encoding="utf-8")
    _audit("run", "--project", str(company), "--period", "2026-Q3", allowed=(0, 1))
    return company / "reports" / "2026-Q3" / "r1"


def _audit(*arguments: str, allowed: tuple[int, ...] = (0,)) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, "-m", "audit_lib.cli", *arguments], env=environment, capture_output=True, text=True)
    if done.returncode not in allowed:
        raise RuntimeError(f"audit {' '.join(arguments)} ended with {done.returncode}: {done.stderr[-2000:]}")


def main() -> None:
    """Replaces the golden notebooks."""
    sys.path.insert(0, str(ROOT / "src"))
    from audit_lib import notebooks

    GOLDEN.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        run = make_company(Path(home))
        for name in NAMES:
            shutil.copy(run / f"{name}.ipynb", GOLDEN / f"{name}.ipynb")
        os.chdir(home)
        notebooks.execute(notebooks.find_notebook("explore"), GOLDEN / "explore.ipynb", {})
        os.chdir(ROOT)


if __name__ == "__main__":
    main()
