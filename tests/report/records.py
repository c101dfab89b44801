"""What Checkov writes as JSON, made by hand: as much of it as a test is about."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

GUIDELINE = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html"
CODE = """\
resource "aws_kms_key" "logs" {
  policy = jsonencode({
    Statement = [{
      Sid       = "Encrypt"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "kms:GenerateDataKey*"
      Resource  = "*"
      Condition = { StringEquals = { "aws:SourceArn" = "arn:aws:cloudtrail:*" } }
    }]
  })
}
"""
FIRST_LINE = 11  # of the code, in its file
VALUE = '"arn:aws:cloudtrail:*"'
CONDITION_LINE = FIRST_LINE + 8


def location(line: int = CONDITION_LINE, text: str = VALUE, file: str = "/keys/main.tf") -> Dict[str, Any]:
    """Where a text stands in a line of the code."""
    column = CODE.splitlines()[line - FIRST_LINE].index(text) + 1
    return {
        "file": file,
        "start_line": line,
        "start_column": column,
        "end_line": line,
        "end_column": column + len(text),
    }


def said(**changes: Any) -> Dict[str, Any]:
    """What this pack adds to a record."""
    return {
        "summary": "The log files of trail audit cannot be encrypted: StringEquals takes the `*` literally.",
        "reason": 'CloudTrail may not call kms:GenerateDataKey: statement "Encrypt" does not allow it',
        "statement": {"index": 0, "sid": "Encrypt"},
        "requests": [
            {
                "principal": "cloudtrail.amazonaws.com",
                "action": "kms:GenerateDataKey",
                "context": {"aws:sourcearn": "arn:aws:cloudtrail:<this Region>:<this account>:trail/audit"},
                "answer": "deny",
            }
        ],
        "location": location(),
        "controls": {"NIST SP 800-53 r5": ["AU-9", "AU-10"], "AWS FSBP": ["CloudTrail.2"]},
        "fix": {
            "text": "Compare with StringLike.",
            "edits": [{**location(text="StringEquals"), "new_text": "StringLike"}],
            "status": "proved",
            "reason": "",
        },
        **changes,
    }


def record(rule: Any = "CKV_CTKMS_001", result: Any = "FAILED", **changes: Any) -> Dict[str, Any]:
    """A record; `ctkms` in the changes is what this pack says in it, None for another pack's record."""
    ctkms = changes.pop("ctkms", said())
    comment = changes.pop("comment", None)
    check_result: Dict[str, Any] = {"result": result, "evaluated_keys": ["policy/[0]/Statement/[0]/Condition"]}
    if ctkms is not None:
        check_result["ctkms"] = ctkms
    if comment is not None:
        check_result["suppress_comment"] = comment
    lines = CODE.splitlines(True)
    return {
        "check_id": rule,
        "check_name": "Ensure the KMS key policy lets CloudTrail encrypt the trail's log files",
        "check_result": check_result,
        "code_block": [[FIRST_LINE + number, line] for number, line in enumerate(lines)],
        "file_path": "/keys/main.tf",
        "repo_file_path": "/infra/keys/main.tf",
        "file_line_range": [FIRST_LINE, FIRST_LINE + len(lines) - 1],
        "resource": "aws_kms_key.logs",
        "severity": "HIGH",
        "guideline": GUIDELINE,
        **changes,
    }


def undecided(**changes: Any) -> Dict[str, Any]:
    """The record that says what is open."""
    words = said(summary="Not everything about this key is decided.", reason="not decided: CKV_CTKMS_001")
    open_ = {**words, "location": None, "requests": [], "fix": None, "statement": None}
    return record(
        "CKV_CTKMS_090",
        "SKIPPED",
        severity="LOW",
        ctkms=open_,
        comment=f"{words['summary']} {words['reason']}",
        **changes,
    )


def report(
    *records: Dict[str, Any], framework: str = "terraform", unreadable: Optional[List[str]] = None
) -> Dict[str, Any]:
    """Checkov's JSON of one framework."""
    kinds = {"PASSED": "passed_checks", "FAILED": "failed_checks", "SKIPPED": "skipped_checks"}
    results: Dict[str, Any] = {kind: [] for kind in kinds.values()}
    for one in records:
        checked = one["check_result"]
        result = checked.get("result") if isinstance(checked, dict) else None
        results[kinds.get(str(result), "failed_checks")].append(one)
    return {
        "check_type": framework,
        "results": {**results, "parsing_errors": unreadable or []},
        "summary": {"checkov_version": "3.3.30"},
    }


NOTHING: Dict[str, Any] = {"passed": 0, "failed": 0, "skipped": 0, "parsing_errors": 0, "checkov_version": "3.3.30"}
EMPTY: Dict[str, Any] = {"no reports": [], "the counts alone": NOTHING, "a report without records": report()}
