"""What AWS says about a call, as far as it is documented: the condition keys of every request.

A key of a policy is sent with a known value, absent, or undocumented; a name that AWS does not
define is absent from every request.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
"""

from __future__ import annotations

from functools import lru_cache
from typing import FrozenSet, Mapping, Optional, Tuple

from ctkms.iam.request import UNDOCUMENTED, Context, ContextValue
from ctkms.iam.vocabulary import condition_key_exists

CLOUDTRAIL = "cloudtrail.amazonaws.com"

# Condition keys are written in lower case throughout, since AWS does not mind their case.
ENCRYPTION_CONTEXT = "kms:encryptioncontext:aws:cloudtrail:arn"
ENCRYPTION_CONTEXT_PREFIX = "kms:encryptioncontext:"
SOURCE_ARN = "aws:sourcearn"
SOURCE_ACCOUNT = "aws:sourceaccount"

# KMS takes no request without TLS: https://docs.aws.amazon.com/kms/latest/developerguide/infrastructure-security.html
_ALWAYS = {"aws:securetransport": "true"}

# A service principal that calls in its own name:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principal-properties
Known = Mapping[str, Optional[ContextValue]]  # None: the key is absent from the call

SERVICE: Known = {
    **_ALWAYS,
    "aws:principalisawsservice": "true",
    "aws:principalservicename": CLOUDTRAIL,
}
_PRINCIPAL: Known = {**_ALWAYS, "aws:principalisawsservice": "false"}

# Absent from the calls of a service principal: it is in no organization, has no tags, no user name
# and no session. (That a Deny on a foreign aws:PrincipalOrgID stops CloudTrail has been observed:
# https://github.com/awsdocs/aws-cloudtrail-user-guide/issues/16)
_NOT_FROM_SERVICES = frozenset(
    name.lower()
    for name in (
        "aws:PrincipalOrgID",
        "aws:PrincipalOrgPaths",
        "aws:PrincipalTag/",
        "aws:username",
        "aws:MultiFactorAuthPresent",
        "aws:MultiFactorAuthAge",
        "aws:TokenIssueTime",
        "aws:SourceIdentity",
        "aws:FederatedProvider",
        "aws:CalledVia",
    )
)

# Absent from the calls of users and roles.
_ONLY_FROM_SERVICES = frozenset(
    name.lower()
    for name in (
        "aws:SourceArn",
        "aws:SourceAccount",
        "aws:SourceOrgID",
        "aws:SourceOrgPaths",
        "aws:PrincipalServiceName",
        "aws:PrincipalServiceNamesList",
    )
)

# Keys that belong to other operations than those asked about here.
_NOT_IN_THESE_CALLS = frozenset(
    name.lower()
    for name in (
        "aws:RequestTag/",
        "aws:TagKeys",
        "kms:CustomerMasterKeySpec",
        "kms:CustomerMasterKeyUsage",
        "kms:ExpirationModel",
        "kms:GrantConstraintType",
        "kms:GrantIsForAWSResource",
        "kms:GrantOperations",
        "kms:GranteePrincipal",
        "kms:RetiringPrincipal",
        "kms:KeyAgreementAlgorithm",
        "kms:MacAlgorithm",
        "kms:MessageType",
        "kms:PrimaryRegion",
        "kms:ReEncryptOnSameKey",
        "kms:ReplicaRegion",
        "kms:RotationPeriodInDays",
        "kms:ScheduleKeyDeletionPendingWindowInDays",
        "kms:SigningAlgorithm",
        "kms:ValidTo",
        "kms:WrappingAlgorithm",
        "kms:WrappingKeySpec",
    )
)

# Keys of one of the operations: what its caller sets, or what an enclave attests of itself where it decrypts.
# https://docs.aws.amazon.com/kms/latest/developerguide/conditions-nitro-enclaves.html
BYPASS = "kms:bypasspolicylockoutsafetycheck"
_ONLY_IN: Mapping[str, FrozenSet[str]] = {
    BYPASS: frozenset(("kms:PutKeyPolicy",)),
    "kms:recipientattestation:": frozenset(("kms:Decrypt", "kms:GenerateDataKey")),
}

# Operations that carry an encryption context:
# https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-encryption-context
_WITH_ENCRYPTION_CONTEXT = frozenset(("kms:GenerateDataKey", "kms:Decrypt"))


def carries_encryption_context(action: str) -> bool:
    """Whether a call of this action has an encryption context, of those that are asked about here."""
    return action in _WITH_ENCRYPTION_CONTEXT


def sent_by_service(keys: Tuple[str, ...], action: str, known: Known) -> Context:
    """The context of a call by CloudTrail: `known` values, and what can be said of the other `keys` of a policy."""
    return _sent(_undocumented(keys, action, _NOT_FROM_SERVICES), SERVICE, known)


def sent_by_principal(keys: Tuple[str, ...], action: str, known: Known) -> Context:
    """The same for a call by a user or role."""
    return _sent(_undocumented(keys, action, _ONLY_FROM_SERVICES), _PRINCIPAL, known)


def _sent(undocumented: Context, always: Known, known: Known) -> Context:
    return Context({key: value for key, value in {**undocumented, **always, **known}.items() if value is not None})


@lru_cache(maxsize=512)  # policies look at the same few sets of keys
def _undocumented(keys: Tuple[str, ...], action: str, absent: FrozenSet[str]) -> Context:
    """Those of the keys that AWS may send."""
    return Context({key: UNDOCUMENTED for key in keys if not _is_absent(key, action, absent)})


def _is_absent(key: str, action: str, absent: FrozenSet[str]) -> bool:
    if key.startswith(ENCRYPTION_CONTEXT_PREFIX):
        return True  # what the call carries of it is among the known values
    if key == "kms:encryptioncontextkeys":
        return action not in _WITH_ENCRYPTION_CONTEXT
    family = family_of(key)
    if family in _ONLY_IN:
        return action not in _ONLY_IN[family] or absent is _NOT_FROM_SERVICES
    return family in absent or family in _NOT_IN_THESE_CALLS or not condition_key_exists(key)


def family_of(key: str) -> str:
    """`aws:principaltag/` of `aws:principaltag/team`, `kms:recipientattestation:` of its like; else the key itself."""
    head, slash, _ = key.partition("/")
    if slash:
        return head + slash
    pieces = key.split(":", 2)
    return f"{pieces[0]}:{pieces[1]}:" if len(pieces) == 3 else key
