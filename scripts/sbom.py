"""Write the list of CastMind's components, as CycloneDX:  make sbom

requirements*.txt but those of development ─▶ cyclonedx-py ─▶ artifacts/sbom.cdx.json ─▶ does it list every pin?
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from scripts.pins import PROJECT, pins, requirement_files

TARGET = PROJECT / "artifacts" / "sbom.cdx.json"


def write(target: Path = TARGET) -> dict[str, str]:
    """Write the list; return its components as name → version. cyclonedx-py validates it against the format's schema."""
    target.parent.mkdir(exist_ok=True)
    together = b"\n".join(path.read_bytes() for path in requirement_files(development=False))
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", "--pyproject", str(PROJECT / "pyproject.toml")]
    command += ["--output-reproducible", "--validate", "--output-file", str(target), "-"]
    subprocess.run(command, input=together, check=True)
    listed = json.loads(target.read_text(encoding="utf-8"))
    return {part["name"]: part["version"] for part in listed["components"]}


def main() -> int:
    listed, wanted = write(), pins(requirement_files(development=False))
    if missing := sorted(wanted.items() - listed.items()):
        print(f"{TARGET} lacks {missing}", file=sys.stderr)
        return 1
    print(f"{TARGET.relative_to(PROJECT)}: {len(listed)} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
