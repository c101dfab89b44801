"""The names that AWS defines for a key policy: KMS's actions, and the condition keys KMS may be sent.

State of October 2026. Names are compared without regard to case, as AWS compares them.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Iterable, Iterator, Mapping, Optional, Tuple

from ctkms.budgets import Budget, spend, unmetered
from ctkms.iam.patterns import cached_by_text, matches
from ctkms.unknowns.text import Text
from ctkms.unknowns.truth import FALSE

SERVICE = "kms:"

KMS_ACTIONS = frozenset(
    """
    CancelKeyDeletion ConnectCustomKeyStore CreateAlias CreateCustomKeyStore CreateGrant CreateKey
    Decapsulate Decrypt DeleteAlias DeleteCustomKeyStore DeleteImportedKeyMaterial DeriveSharedSecret
    DescribeCustomKeyStores DescribeKey DisableKey DisableKeyRotation DisconnectCustomKeyStore
    EnableKey EnableKeyRotation Encapsulate Encrypt
    GenerateDataKey GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext GenerateDataKeyWithoutPlaintext
    GenerateMac GenerateRandom GetKeyLastUsage GetKeyPolicy GetKeyRotationStatus GetParametersForImport GetPublicKey
    ImportKeyMaterial
    ListAliases ListGrants ListKeyPolicies ListKeyRotations ListKeys ListResourceTags ListRetirableGrants
    PutKeyPolicy ReplicateKey RetireGrant RevokeGrant RotateKeyOnDemand
    ScheduleKeyDeletion Sign TagResource UntagResource
    UpdateAlias UpdateCustomKeyStore UpdateKeyDescription UpdatePrimaryRegion Verify VerifyMac
    ReEncryptFrom ReEncryptTo SynchronizeMultiRegionKey
    """.split()
)
# The last line holds permissions without an operation of their name. The operation ReEncrypt is the
# other way round: it is authorized as ReEncryptFrom and ReEncryptTo, and `kms:ReEncrypt` grants nothing.


@dataclass(frozen=True)
class ConditionKey:
    """A condition key; a `family` is a prefix that the author of the policy completes with a name of his own."""

    name: str
    multivalued: bool = False
    family: bool = False


_FAMILIES = (
    "kms:EncryptionContext:",
    "aws:PrincipalTag/",
    "aws:RequestTag/",
    "aws:ResourceTag/",
)

# https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
_KMS_KEYS = """
    kms:BypassPolicyLockoutSafetyCheck kms:CallerAccount kms:CustomerMasterKeySpec kms:CustomerMasterKeyUsage
    kms:DataKeyPairSpec kms:EncapsulationAlgorithm kms:EncryptionAlgorithm kms:EncryptionContextKeys
    kms:ExpirationModel kms:GrantConstraintSourceArn kms:GrantConstraintType kms:GrantIsForAWSResource
    kms:GrantOperations kms:GranteePrincipal kms:GranteeServicePrincipal kms:KeyAgreementAlgorithm
    kms:KeyOrigin kms:KeySpec kms:KeyUsage kms:MacAlgorithm kms:MessageType kms:MultiRegion kms:MultiRegionKeyType
    kms:PrimaryRegion kms:ReEncryptOnSameKey kms:RecipientAttestation:ImageSha384 kms:ReplicaRegion kms:RequestAlias
    kms:ResourceAliases kms:RetiringPrincipal kms:RetiringServicePrincipal kms:RotationPeriodInDays
    kms:ScheduleKeyDeletionPendingWindowInDays kms:SigningAlgorithm kms:TrailingDaysWithoutKeyUsage
    kms:ValidTo kms:ViaService kms:WrappingAlgorithm kms:WrappingKeySpec
    """.split()

# Platform configuration registers: 32 of a Nitro enclave, 24 of a NitroTPM.
_REGISTER_KEYS = [f"kms:RecipientAttestation:PCR{register}" for register in range(32)] + [
    f"kms:RecipientAttestation:NitroTPMPCR{register}" for register in range(24)
]

# Those of other services are sent with every call of a session that the service made.
_GLOBAL_KEYS = """
    aws:PrincipalAccount aws:PrincipalArn aws:PrincipalIsAWSService aws:PrincipalOrgID aws:PrincipalOrgPaths
    aws:PrincipalServiceName aws:PrincipalServiceNamesList aws:PrincipalType aws:userid aws:username
    aws:AssumedRoot aws:ChatbotSourceArn aws:Ec2InstanceSourcePrivateIPv4 aws:Ec2InstanceSourceVpc
    aws:FederatedProvider aws:MultiFactorAuthAge aws:MultiFactorAuthPresent aws:SignInSessionArn aws:SourceIdentity
    aws:TokenIssueTime
    codebuild:BuildArn codebuild:ProjectArn ec2:RoleDelivery ec2:SourceInstanceArn glue:CredentialIssuingService
    glue:RoleAssumedBy identitystore:UserId lambda:SourceFunctionArn ssm:SourceInstanceArn
    aws:SourceIp aws:SourceVpc aws:SourceVpcArn aws:SourceVpce aws:VpcSourceIp
    aws:VpceAccount aws:VpceOrgID aws:VpceOrgPaths
    aws:ResourceAccount aws:ResourceOrgID aws:ResourceOrgPaths
    aws:CalledVia aws:CalledViaAWSMCP aws:CalledViaFirst aws:CalledViaLast aws:CurrentTime aws:EpochTime
    aws:IsMcpServiceAction aws:referer aws:RequestedRegion aws:SecureTransport aws:SourceAccount aws:SourceArn
    aws:SourceOrgID aws:SourceOrgPaths aws:TagKeys aws:UserAgent aws:ViaAWSMCPService aws:ViaAWSService
    """.split()

# What a SAML session keeps: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
_SAML_KEYS = ("saml:namequalifier", "saml:sub", "saml:sub_type")

_MULTIVALUED = frozenset(
    """
    kms:EncryptionContextKeys kms:GrantOperations kms:ResourceAliases
    aws:CalledVia aws:PrincipalOrgPaths aws:PrincipalServiceNamesList aws:ResourceOrgPaths
    aws:SourceOrgPaths aws:TagKeys aws:VpceOrgPaths
    """.split()
)

CONDITION_KEYS: Tuple[ConditionKey, ...] = tuple(
    ConditionKey(name, multivalued=name in _MULTIVALUED, family=name in _FAMILIES)
    for name in (*_FAMILIES, *_KMS_KEYS, *_REGISTER_KEYS, *_GLOBAL_KEYS, *_SAML_KEYS)
)

_MULTIVALUED_NAMES = frozenset(name.lower() for name in _MULTIVALUED)


def is_multivalued(name: str) -> bool:
    """Whether a condition key of that name has several values, so that it needs a set operator."""
    return name.lower() in _MULTIVALUED_NAMES


_ACTION_BY_NAME: Mapping[str, str] = {action.lower(): action for action in sorted(KMS_ACTIONS)}
_KEY_BY_NAME: Mapping[str, ConditionKey] = {key.name.lower(): key for key in CONDITION_KEYS if not key.family}
_FAMILY_KEYS = tuple(key for key in CONDITION_KEYS if key.family)


def action_exists(pattern: Text) -> bool:
    """Whether an action of a policy, with its wildcards, names at least one action of KMS.

    Actions of other services never take part in a key policy, so they do not count. A pattern with
    holes counts as soon as some value of them names an action.
    """
    if not isinstance(pattern, str):
        return _names_an_action(pattern)
    folded = pattern.lower()
    if "*" not in folded and "?" not in folded:
        return folded.startswith(SERVICE) and folded[len(SERVICE) :] in _ACTION_BY_NAME
    # A glance first: what stands before, between and behind the wildcards must stand in some action.
    runs = _WILDCARD.split(folded)
    return all(run in _ALL_ACTIONS for run in runs) and _names_an_action(pattern)


_ALL_ACTIONS = "\n".join(SERVICE + action.lower() for action in sorted(KMS_ACTIONS))
_WILDCARD = re.compile(r"[*?]+")


def _one_is_named(pattern: Text) -> bool:
    with unmetered():
        return any(matches(pattern, SERVICE + action, fold=True) is not FALSE for action in KMS_ACTIONS)


_names_an_action = cached_by_text(_one_is_named)


def condition_key(name: str) -> Optional[ConditionKey]:
    """The condition key of that name, or the family it belongs to."""
    folded = name.lower()
    found = _KEY_BY_NAME.get(folded)
    if found is not None:
        return found
    belongs = (key for key in _FAMILY_KEYS if folded.startswith(key.name.lower()) and len(name) > len(key.name))
    return next(belongs, None)


def condition_key_exists(name: Text) -> bool:
    """Whether a call of KMS can carry a condition key of that name.

    The claims of an identity provider (``token.actions.githubusercontent.com:sub``) count: who sets
    the provider up names them. A name with holes counts as soon as some value of them gives a key.
    """
    if isinstance(name, str):
        return condition_key(name) is not None or "." in name.partition(":")[0]
    return _names_a_key(name)


def _one_key_is_named(name: Text) -> bool:
    patterns = (key.name + "?*" if key.family else key.name for key in CONDITION_KEYS)
    with unmetered():
        return any(matches(pattern, name, fold=True) is not FALSE for pattern in patterns)


_names_a_key = cached_by_text(_one_key_is_named)


def nearest_action(name: str) -> Optional[str]:
    """The KMS action that a misspelt one most likely means; none for what looks like another service's."""
    return _nearest_action(name) if len(name) <= _LONGEST and spend(Budget.HINTS) else None


@lru_cache(maxsize=256)
def _nearest_action(name: str) -> Optional[str]:
    service, colon, bare = name.rpartition(":")
    bare = bare.strip("*? ").lower()
    if colon and service.lower() != "kms" and bare not in _ACTION_BY_NAME:
        return None
    return _nearest(_Candidate(bare, folded, SERVICE + action) for folded, action in _ACTION_BY_NAME.items())


def nearest_condition_key(name: str) -> Optional[str]:
    """The condition key that a misspelt one most likely means; the part that its author names is kept."""
    return _nearest_condition_key(name) if len(name) <= _LONGEST and spend(Budget.HINTS) else None


@lru_cache(maxsize=256)
def _nearest_condition_key(name: str) -> Optional[str]:
    return _nearest(_possible_keys(name.strip()))


@dataclass(frozen=True)
class _Candidate:
    """What a misspelt name may mean: `misspelt` instead of `known`, both in lower case, to be written `meant`."""

    misspelt: str
    known: str
    meant: str


def _possible_keys(name: str) -> Iterator[_Candidate]:
    folded = name.lower()
    for known, key in _KEY_BY_NAME.items():
        yield _Candidate(folded, known, key.name)
    for key in _FAMILY_KEYS:
        known = key.name.lower()
        yield _Candidate(folded.rstrip(":/"), known[:-1], key.name + "<key>")
        # The author's own part may stand behind any separator near the beginning.
        for position in range(min(len(name) - 1, len(known) + _MOST_EDITS)):
            if name[position] in ":/":
                yield _Candidate(folded[: position + 1], known, key.name + name[position + 1 :])


_MOST_EDITS = 8  # a name that is longer or shorter by more than this means something else
_ALIKE = 0.75
_LONGEST = 300  # characters; nobody misspells a longer name


def _nearest(candidates: Iterable[_Candidate]) -> Optional[str]:
    """What the likeliest candidate means; of two equally likely ones, the first."""
    found: Optional[_Candidate] = None
    most = (_ALIKE, 0.0)
    for each in candidates:
        if abs(len(each.misspelt) - len(each.known)) <= _MOST_EDITS:
            likeness = _likeness(each, most[0])
            if likeness > most or (found is None and likeness >= most):
                found, most = each, likeness
    return found.meant if found is not None else None


def _likeness(candidate: _Candidate, least: float) -> Tuple[float, float]:
    """How alike the names are, from 0 to 1, with their prefixes or without: `aws:` and `kms:` are easily mixed up.

    Below `least` it does not matter how much.
    """
    whole = _ratio(candidate.misspelt, candidate.known, least)
    bare = _ratio(_bare(candidate.misspelt), _bare(candidate.known), least)
    return max(whole, bare), min(whole, bare)


def _ratio(misspelt: str, known: str, least: float) -> float:
    matcher = SequenceMatcher(None, misspelt, known, autojunk=False)
    # From a rough upper bound to the exact figure, each dearer than the last.
    if matcher.real_quick_ratio() < least or matcher.quick_ratio() < least:
        return 0.0
    return matcher.ratio()


def _bare(name: str) -> str:
    return name[4:] if name.startswith(("aws:", SERVICE)) else name
