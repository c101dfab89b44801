"""The rules: one row each. A rule is a row here, a page in `docs/rules`, a good and a bad sample.

An id is never reused and has three digits, a name never changes: both identify findings elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Optional, Tuple

from ctkms.cloudtrail.access_requests.key_case import KeyCase
from ctkms.cloudtrail.answers import Answer
from ctkms.cloudtrail.rules import creation_order as order
from ctkms.cloudtrail.rules import document_soundness as documents
from ctkms.cloudtrail.rules import exposure, grants, people, readers
from ctkms.cloudtrail.rules import key_state as state
from ctkms.cloudtrail.rules.related_controls import KEY_POLICY, NOT_PUBLIC, TRAIL_KEY, Controls

CLOUDTRAIL = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/"
KMS = "https://docs.aws.amazon.com/kms/latest/developerguide/"
_POLICY = CLOUDTRAIL + "create-kms-key-policy-for-cloudtrail.html"
_SECTIONS = _POLICY + "#create-kms-key-policy-for-cloudtrail-policy-sections"


@dataclass(frozen=True)
class Rule:
    """One thing that must be so.

    `severity` is CRITICAL, HIGH, MEDIUM or LOW; `guideline` the section of AWS's documentation that
    the rule enforces. `judge` asks a case; None for the rule that reports what the others left open.
    `about` says what must use the key for the rule to speak: one of a trail, an event data store or a
    topic; anything of CloudTrail's where it is empty. `of` says what the rule looks at: the effect of
    the policy, its document, or the key. `broken` says in plain words what goes wrong where the rule
    is not kept ({trail} is the trail in question), `exposed` where that is so because somebody may do
    too much rather than too little. `related` are the controls that ask for something like it.
    """

    id: str
    severity: str
    name: str
    guideline: str
    judge: Optional[Callable[[KeyCase], Optional[Answer]]]
    broken: str = ""
    exposed: str = ""
    about: Tuple[str, ...] = ()
    of: str = "policy"
    related: Controls = KEY_POLICY


TRAIL, STORE, TOPIC = "trail", "event data store", "topic"
POLICY, DOCUMENT, KEY = "policy", "document", "key"

RULES = (
    Rule(
        "CKV_CTKMS_001",
        "HIGH",
        "Ensure the KMS key policy lets CloudTrail encrypt the trail's log files",
        _POLICY + "#create-kms-key-policy-for-cloudtrail-encrypt",
        grants.encrypts,
        broken="CloudTrail cannot encrypt the log files of {trail}",
        related=TRAIL_KEY,
        about=(TRAIL,),
    ),
    Rule(
        "CKV_CTKMS_002",
        "MEDIUM",
        "Ensure the KMS key policy lets CloudTrail describe the key",
        _POLICY + "#create-kms-key-policy-for-cloudtrail-describe",
        grants.describes,
        broken="CloudTrail cannot describe the key for {trail}",
        related=TRAIL_KEY,
        about=(TRAIL,),
    ),
    Rule(
        "CKV_CTKMS_003",
        "MEDIUM",
        "Ensure the KMS key policy lets CloudTrail decrypt where the trail's bucket has an S3 Bucket Key",
        _POLICY + "#create-kms-key-policy-for-cloudtrail-decrypt",
        grants.decrypts_for_bucket_keys,
        broken="CloudTrail cannot decrypt for {trail}, whose bucket has an S3 Bucket Key",
        related=TRAIL_KEY,
        about=(TRAIL,),
    ),
    Rule(
        "CKV_CTKMS_004",
        "HIGH",
        "Ensure the KMS key policy lets CloudTrail encrypt and decrypt the event data store",
        _POLICY + "#create-kms-key-policy-for-cloudtrail-encrypt-eds",
        grants.encrypts_for_stores,
        broken="CloudTrail cannot encrypt the event data store",
        related=TRAIL_KEY,
        about=(STORE,),
    ),
    Rule(
        "CKV_CTKMS_005",
        "LOW",
        "Ensure the KMS key policy lets CloudTrail describe the key of the event data store",
        _POLICY + "#required-kms-key-policy-eventdatastores",
        grants.describes_for_stores,
        broken="CloudTrail cannot describe the key for the event data store",
        related=TRAIL_KEY,
        about=(STORE,),
    ),
    Rule(
        "CKV_CTKMS_006",
        "MEDIUM",
        "Ensure the KMS key policy lets CloudTrail notify through the trail's encrypted SNS topic",
        CLOUDTRAIL + "cloudtrail-permissions-for-sns-notifications.html",
        grants.notifies,
        broken="CloudTrail cannot notify through the encrypted topic",
        about=(TOPIC,),
    ),
    Rule(
        "CKV_CTKMS_020",
        "HIGH",
        "Ensure the KMS key policy denies encryption to the trails of other accounts",
        CLOUDTRAIL + "cross-service-confused-deputy-prevention.html",
        exposure.foreign_trail_encrypts,
        broken="Other accounts' trails can encrypt with the key",
        about=(TRAIL,),
    ),
    Rule(
        "CKV_CTKMS_021",
        "MEDIUM",
        "Ensure the KMS key policy's encryption-context condition names the accounts whose trails may use the key",
        _POLICY + "#create-kms-key-policy-for-cloudtrail-encrypt",
        exposure.foreign_encryption_context,
        broken="Encryption contexts of other accounts' trails are let in",
        about=(TRAIL,),
    ),
    Rule(
        "CKV_CTKMS_022",
        "MEDIUM",
        "Ensure the KMS key policy names in aws:SourceArn the trails that may encrypt with the key",
        _SECTIONS,
        exposure.other_trail_encrypts,
        broken="Any trail of the account can encrypt with the key",
        about=(TRAIL,),
    ),
    Rule(
        "CKV_CTKMS_023",
        "CRITICAL",
        "Ensure the KMS key policy denies decryption of CloudTrail's data to strangers",
        KMS + "key-policy-modifying-external-accounts.html",
        exposure.stranger_decrypts,
        broken="Strangers can decrypt the logs",
        related=NOT_PUBLIC,
        about=(TRAIL, STORE),
    ),
    Rule(
        "CKV_CTKMS_024",
        "LOW",
        "Ensure the KMS key policy names in aws:SourceArn the trails for which CloudTrail may describe the key",
        _POLICY + "#create-kms-key-policy-for-cloudtrail-describe",
        exposure.other_trail_describes,
        broken="CloudTrail may describe the key for any trail",
        about=(TRAIL,),
    ),
    Rule(
        "CKV_CTKMS_040",
        "HIGH",
        "Ensure the KMS key policy lets somebody decrypt the trail's log files",
        _POLICY + "#create-kms-key-policy-for-cloudtrail-decrypt",
        readers.someone_reads,
        broken="Nobody can read the log files",
        about=(TRAIL,),
    ),
    Rule(
        "CKV_CTKMS_041",
        "LOW",
        "Ensure the KMS key policy lets log readers decrypt CloudTrail's data only",
        _POLICY + "#create-kms-key-policy-for-cloudtrail-decrypt",
        readers.readers_are_held_to_the_context,
        broken="A log reader can decrypt more than CloudTrail's data",
        about=(TRAIL,),
    ),
    Rule(
        "CKV_CTKMS_042",
        "HIGH",
        "Ensure the KMS key policy lets somebody query the event data store",
        _POLICY + "#create-kms-key-policy-for-cloudtrail-decrypt-eds",
        readers.someone_queries,
        broken="Nobody can query the event data store",
        about=(STORE,),
    ),
    Rule(
        "CKV_CTKMS_043",
        "HIGH",
        "Ensure strangers cannot assume a role that the KMS key policy names as log reader",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
        people.strangers_cannot_become_readers,
        broken="Strangers can become a log reader",
        about=(TRAIL, STORE),
    ),
    Rule(
        "CKV_CTKMS_044",
        "MEDIUM",
        "Ensure log readers of other accounts are let in by their own IAM policies too",
        KMS + "key-policy-modifying-external-accounts.html",
        people.readers_of_other_accounts_may_decrypt,
        broken="A log reader of another account is not let in by his own policies",
        about=(TRAIL, STORE),
    ),
    Rule(
        "CKV_CTKMS_060",
        "HIGH",
        "Ensure the KMS key of CloudTrail is enabled",
        _SECTIONS,
        state.is_enabled,
        broken="CloudTrail cannot deliver log files",
        related=TRAIL_KEY,
        of=KEY,
    ),
    Rule(
        "CKV_CTKMS_061",
        "HIGH",
        "Ensure the KMS key of CloudTrail is a symmetric encryption key",
        CLOUDTRAIL + "how-kms-works-with-cloudtrail.html",
        state.is_symmetric,
        broken="CloudTrail cannot use a key of this kind",
        related=TRAIL_KEY,
        of=KEY,
    ),
    Rule(
        "CKV_CTKMS_062",
        "MEDIUM",
        "Ensure the KMS key policy of CloudTrail's key stays manageable, and not by strangers",
        KMS + "key-policy-default.html#key-policy-default-allow-root-enable-iam",
        readers.stays_manageable,
        broken="Nobody of the account can change the key policy",
        exposed="Strangers can change the key policy",
        related=NOT_PUBLIC,
    ),
    Rule(
        "CKV_CTKMS_063",
        "HIGH",
        "Ensure the KMS key is in the Region of the trail's bucket",
        CLOUDTRAIL + "how-kms-works-with-cloudtrail.html",
        state.is_in_the_buckets_region,
        broken="The key is not in the Region of the trail's bucket",
        about=(TRAIL,),
        of=KEY,
    ),
    Rule(
        "CKV_CTKMS_064",
        "HIGH",
        "Ensure the KMS key is in the account of the event data store",
        CLOUDTRAIL + "query-event-data-store-cloudtrail.html",
        state.is_in_the_stores_account,
        broken="The key is not in the account of the event data store",
        about=(STORE,),
        of=KEY,
    ),
    Rule(
        "CKV_CTKMS_065",
        "MEDIUM",
        "Ensure CloudTrail's trail or event data store is made after the key policy that lets CloudTrail in",
        CLOUDTRAIL + "how-kms-works-with-cloudtrail.html",
        order.waits_for_the_policy,
        broken="AWS may refuse the trail or event data store at first",
        about=(TRAIL, STORE),
    ),
    Rule(
        "CKV_CTKMS_080",
        "HIGH",
        "Ensure the KMS key policy of CloudTrail's key is one that KMS accepts and that means what it says",
        KMS + "key-policy-overview.html#key-policy-elements",
        documents.is_sound,
        broken="The key policy has a mistake",
        of=DOCUMENT,
    ),
    Rule(
        "CKV_CTKMS_090",
        "LOW",
        "Ensure the KMS key policy of CloudTrail's key can be decided from the code",
        _SECTIONS,
        None,
    ),
)

BY_ID = {rule.id: rule for rule in RULES}
UNDECIDED = RULES[-1]
