"""Where a project is found from."""

from audit_lib.project import locate


def test_a_project_is_found_from_here_or_from_the_folder_above(tmp_path, monkeypatch):
    """A notebook that lies in a folder of its own finds the project beside that folder; one that is nowhere stays as named."""
    (tmp_path / "company").mkdir()
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path)
    assert locate("company").resolve() == tmp_path / "company"
    monkeypatch.chdir(tmp_path / "notebooks")
    assert locate("company").resolve() == tmp_path / "company"
    assert locate(tmp_path / "company") == tmp_path / "company"
    assert str(locate("nowhere")) == "nowhere"
