"""The trails, event data stores and topics that use a key, as the rules take them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Optional, Union

from ctkms.cloudtrail.resources import EventDataStore, Order, Topic, Trail
from ctkms.iac.terraform.aws.attributes import as_text
from ctkms.iac.terraform.aws.providers import Provider
from ctkms.iac.terraform.instances.resource_instance import ResourceInstance
from ctkms.iac.terraform.subjects.buckets import NOT_IN_CODE
from ctkms.iac.terraform.subjects.inventory import Inventory
from ctkms.unknowns.text import Hole

# When a user is made, seen from a policy.
OrderOf = Callable[[ResourceInstance, ResourceInstance], Union[Order, Hole]]


@dataclass(frozen=True)
class Beside:
    """What of a key decides how its users stand to it: its provider, and the resource that holds its policy."""

    provider: Provider
    order_of: OrderOf
    policy: Optional[ResourceInstance] = None

    def order(self, user: ResourceInstance) -> Union[Order, Hole]:
        """When a user of the key is made, seen from the key's policy."""
        return Order.UNSEEN if self.policy is None else self.order_of(user, self.policy)


def trail_of(trail: ResourceInstance, inventory: Inventory, key: Beside) -> Trail:
    """A trail as one scenario knows it."""
    given = trail.argument("s3_bucket_name")
    name = None if given is None else as_text(given, Hole("${" + f"{trail.address}.s3_bucket_name" + "}"))
    bucket = NOT_IN_CODE if name is None else inventory.bucket(name)
    return Trail(
        address=trail.address,
        name=as_text(trail.attribute("name"), Hole("${" + f"{trail.address}.name" + "}")),
        arn=inventory.settled(as_text(trail.attribute("arn"), Hole("${" + f"{trail.address}.arn" + "}"))),
        bucket=name,
        bucket_region=bucket.region,
        bucket_key=bucket.key,
        organization=trail.flag("is_organization_trail", False),
        beside_key=trail.provider() == key.provider,
        order=key.order(trail),
    )


def store_of(store: ResourceInstance, inventory: Inventory, key: Beside) -> EventDataStore:
    """An event data store as one scenario knows it."""
    return EventDataStore(
        address=store.address,
        account=inventory.settled(store.provider().account),
        organization=store.flag("organization_enabled", False),
        order=key.order(store),
    )


def topic_of(topic: ResourceInstance, inventory: Inventory, key: Beside) -> Topic:
    """A topic, with the trails that certainly notify through it."""
    arn = as_text(topic.attribute("arn"), Hole("${" + f"{topic.address}.arn" + "}"))
    trails = tuple(trail_of(trail, inventory, key) for trail in inventory.notifications.through(arn))
    return Topic(topic.address, inventory.settled(arn), trails)
