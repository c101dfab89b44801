"""Rules 060, 061, 063 and 064: properties of the key itself, and where it is."""

from __future__ import annotations

from typing import Iterator, Optional

from ctkms.cloudtrail.access_requests.key_case import KeyCase
from ctkms.cloudtrail.answers import Answer, Note, every_if_any
from ctkms.cloudtrail.resources import EventDataStore
from ctkms.iam.patterns import ACCOUNT, REGION, arn_sections
from ctkms.unknowns.text import Hole, Text, holes_in
from ctkms.unknowns.truth import FALSE, UNKNOWN, Truth, all_of, truth

SYMMETRIC = "SYMMETRIC_DEFAULT"
ENCRYPT_DECRYPT = "ENCRYPT_DECRYPT"


def is_enabled(case: KeyCase) -> Answer:
    """The key can be used at all."""
    enabled = case.key.enabled
    if isinstance(enabled, Hole):
        return Answer(UNKNOWN, holes=(enabled,))
    note = "the key is enabled" if enabled else "the key is disabled, so CloudTrail cannot deliver a single log file"
    return Answer(truth(enabled), note=Note(note, "enabled", short="the key is disabled"))


def is_symmetric(case: KeyCase) -> Answer:
    """The key is of the one type that CloudTrail can use."""
    spec, usage = case.key.key_spec, case.key.key_usage
    kept = all_of(_equals(text, wanted) for text, wanted in ((spec, SYMMETRIC), (usage, ENCRYPT_DECRYPT)))
    note = f"the key's spec is {spec} and its usage {usage}; CloudTrail needs {SYMMETRIC} and {ENCRYPT_DECRYPT}"
    return Answer(
        kept,
        note=Note(note, "key_spec", short=f"its spec is {spec} and its usage {usage}"),
        holes=(*holes_in(spec), *holes_in(usage)),
    )


def _equals(text: Text, wanted: str) -> Truth:
    return truth(text == wanted) if isinstance(text, str) else UNKNOWN


def is_in_the_buckets_region(case: KeyCase) -> Optional[Answer]:
    """The key is where the bucket of each trail is; None where the code does not fix both.

    A multi-Region key may have a replica there.
    """
    region = _fixed(case.written.arn, REGION)
    kind = "multi-Region key, which can be replicated," if case.written.multi_region else "key"
    places = [
        (trail.address, trail.bucket_region) for trail in case.written.trails if isinstance(trail.bucket_region, str)
    ]
    return every_if_any(
        Answer(
            truth(region == bucket or case.written.multi_region),
            note=Note(
                f"the {kind} is in {region} and the bucket of {address} in {bucket}; CloudTrail needs one Region",
                "provider",
                short=f"the key is in {region}, the bucket in {bucket}",
            ),
        )
        for address, bucket in (places if region else ())
    )


def is_in_the_stores_account(case: KeyCase) -> Optional[Answer]:
    """The key is in the account of each event data store; None where the code does not fix both."""
    account = _fixed(case.written.arn, ACCOUNT)
    return every_if_any(
        answer for store in (case.written.stores if account else ()) for answer in _is_in_account(case, store, account)
    )


def _is_in_account(case: KeyCase, store: EventDataStore, account: str) -> Iterator[Answer]:
    """An organization's store is the management account's, whoever makes it."""
    owner = case.written.management if store.organization else store.account
    whose = "the organization's event data store" if store.organization else "the event data store"
    if isinstance(owner, str):
        note = f"the key is in account {account} and {whose} {store.address} in {owner}; both have to be in one"
        short = f"the key is in {account}, the event data store in {owner}"
        yield Answer(truth(account == owner), note=Note(note, "provider", short=short))
    elif store.organization and account in case.written.members:
        note = (
            f"the key is in account {account}, a member of the organization, and {whose} {store.address} "
            "in the management account; both have to be in one"
        )
        short = f"the key is in the member account {account}, the event data store in the management account"
        yield Answer(FALSE, note=Note(note, "provider", short=short))


def _fixed(arn: Text, section: int) -> str:
    """A section of the ARN where the code spells it out, else ""."""
    sections = arn_sections(arn)
    return str(sections[section]) if sections and isinstance(sections[section], str) else ""
