"""Puts the SQL, the notebooks, the report templates and the formats' samples into a wheel; all other metadata is in pyproject.toml."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SHIPPED = {"queries": "queries", "notebooks": "notebooks", "templates": "reports/templates", "samples": "tests/sources"}
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", ".*")


class BuildWithShipped(build_py):
    """A checkout keeps these folders at its top level; a wheel has them under audit_lib/shipped."""

    def run(self):
        package = Path(self.build_lib) / "audit_lib"
        if not self.editable_mode:
            shutil.rmtree(package, ignore_errors=True)  # what an earlier build left would be shipped too
        super().run()
        if not self.editable_mode:
            for name, folder in SHIPPED.items():
                shutil.copytree(folder, package / "shipped" / name, ignore=LEFT_OUT)


setup(cmdclass={"build_py": BuildWithShipped})
