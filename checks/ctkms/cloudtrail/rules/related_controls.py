"""Controls of compliance frameworks that a rule is *related* to: no rule implements one, and none is enough for one.

Most frameworks ask for encryption at rest or for least privilege, and name no key policy. So each rule
takes over what the named sources list for the closest check of their own: that a trail is encrypted
with a KMS key, that a key is not public, or who may use and manage a key. What only one source lists
stands with that source; what no source confirms is left out.

Sources: AWS Security Hub (https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html,
https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html), AWS Control Tower's metadata of
CT.CLOUDTRAIL and CT.KMS controls (https://docs.aws.amazon.com/controltower/latest/controlreference/),
Prowler (https://github.com/prowler-cloud/prowler, `prowler/compliance/aws`) and Powerpipe's AWS compliance mod
(https://github.com/turbot/steampipe-mod-aws-compliance).
"""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Tuple


class Related(NamedTuple):
    """Controls of one framework, and who says that they are about this."""

    framework: str
    controls: Tuple[str, ...]
    source: str


Controls = Tuple[Related, ...]

_CIS = "Powerpipe, Prowler"
_HUB, _TOWER = "AWS Security Hub", "AWS Control Tower"

# A trail's log files are encrypted with a KMS key.
TRAIL_KEY: Controls = (
    Related("CIS AWS 1.2", ("2.7",), _CIS),
    Related("CIS AWS 1.3", ("3.7",), _CIS),
    Related("CIS AWS 1.4", ("3.7",), _CIS),
    Related("CIS AWS 1.5", ("3.7",), _CIS),
    Related("CIS AWS 2.0", ("3.7",), _CIS),
    Related("CIS AWS 3.0", ("3.5",), _CIS),
    Related("CIS AWS 4.0", ("3.5",), _CIS),
    Related("CIS AWS 5.0", ("3.5",), _CIS),
    Related("CIS AWS 6.0", ("4.5",), _CIS),
    Related("CIS AWS 7.0", ("4.5",), "Prowler"),
    Related("AWS FSBP", ("CloudTrail.2",), _HUB),
    Related(
        "NIST SP 800-53 r5",
        ("AU-9", "CA-9(1)", "CM-3(6)", "SC-7(10)", "SC-13", "SC-28", "SC-28(1)", "SI-7(6)"),
        f"{_HUB}, {_TOWER}",
    ),
    Related("PCI DSS 3.2.1", ("3.4",), _HUB),
    Related("PCI DSS 3.2.1", ("2.2", "10.5", "10.5.2"), _TOWER),
    Related("PCI DSS 4.0", ("8.3.2", "10.3.2", "10.3.3", "10.3.4", "A1.2.1"), "Powerpipe"),
    Related("PCI DSS 4.0", ("3.5.1",), "Prowler"),
    Related(
        "HIPAA",
        (
            "164.308(a)(1)(ii)(B)",
            "164.308(a)(1)(ii)(D)",
            "164.308(a)(4)(ii)(A)",
            "164.312(a)(2)(iv)",
            "164.312(c)(1)",
            "164.312(c)(2)",
            "164.312(e)(2)(ii)",
        ),
        "Powerpipe, Prowler",
    ),
    Related("HIPAA", ("164.314(b)",), "Powerpipe"),
    Related("ISO/IEC 27001:2022", ("A.8.11", "A.8.15", "A.8.16", "A.8.24"), "Prowler"),
    Related("SOC 2", ("CC6.1", "CC6.2"), "Powerpipe"),
    Related("FedRAMP Low r4", ("AU-9",), "Powerpipe, Prowler"),
    Related("FedRAMP Moderate r4", ("AU-9", "SC-28"), "Powerpipe, Prowler"),
    Related("FedRAMP 20x", ("KSI-MLA", "KSI-SVC"), "Prowler"),
)

# A key is not open to everyone.
NOT_PUBLIC: Controls = (
    Related("CIS AWS 7.0", ("2.21",), "Prowler"),
    Related("AWS FSBP", ("KMS.5",), _HUB),
    Related("ISO/IEC 27001:2022", ("A.8.1",), "Prowler"),
    Related("FedRAMP 20x", ("KSI-SVC",), "Prowler"),
)

# Who may use and manage a key.
KEY_POLICY: Controls = (
    Related(
        "NIST SP 800-53 r5",
        ("AC-2", "AC-2(1)", "AC-3", "AC-3(7)", "AC-3(15)", "AC-5", "AC-6", "AC-6(3)"),
        f"{_TOWER}, {_HUB}",
    ),
    Related("PCI DSS 3.2.1", ("2.2", "7.1.1", "7.1.2", "7.2.1", "7.2.2"), _TOWER),
)


def by_framework(controls: Controls) -> Dict[str, List[str]]:
    """The controls by framework, whoever lists them, in plain builtins."""
    found: Dict[str, List[str]] = {}
    for one in controls:
        found.setdefault(one.framework, []).extend(one.controls)
    return found
