"""Cases in which the place of a finding is marked in the code itself: `«` and `»` stand around it."""

from __future__ import annotations

from pathlib import Path
from typing import Mapping, Optional, Tuple

from ctkms.cloudtrail.findings import Finding
from ctkms.iac.scan import judge, scan
from ctkms.unknowns.source_nodes import Location, Span, location


def located(folder: Path, files: Mapping[str, str], rule: str) -> Tuple[Optional[Location], Optional[Location]]:
    """Where the finding of a rule stands, and where it is marked; both by the file's path within the folder."""
    marked: Optional[Location] = None
    for name, text in files.items():
        plain = text.replace("«", "").replace("»", "")
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(plain, encoding="utf-8")
        if "«" in text:
            marked = location(Span(name, text.index("«"), text.index("»") - 1), plain)
    found = finding(folder, rule).location
    return found and found._replace(file=str(Path(found.file).relative_to(folder.resolve()))), marked


def finding(folder: Path, rule: str) -> Finding:
    """The only finding of a rule in a folder that is not passed."""
    found = [judge(one.subject).get(f"CKV_CTKMS_{rule}") for one in scan(str(folder.resolve()))]
    (one,) = [one for one in found if one is not None and one.result != "PASSED"]
    return one
