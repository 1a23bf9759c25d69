"""Sources of components, joined into one text."""

from __future__ import annotations

from pathlib import Path

import pytest

from pages.shared import component_source


def test_files_beside_the_module_and_of_other_folders_come_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(component_source, "PAGES", tmp_path)
    for folder in ("shared", "library"):
        (tmp_path / folder).mkdir()
    (tmp_path / "shared" / "page.js").write_text("// shared é", encoding="utf-8")
    (tmp_path / "library" / "list.js").write_text("export default 1", encoding="utf-8")
    module = str(tmp_path / "library" / "list.py")
    assert component_source.source(module, "shared/page.js", "list.js") == "// shared é\nexport default 1"
    with pytest.raises(FileNotFoundError):
        component_source.source(module, "page.js")
