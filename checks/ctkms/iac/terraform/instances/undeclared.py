"""Data sources that the code refers to and does not show, since only one of its files is scanned.

Terraform takes no such reference, so their blocks are in a file beside it. An account id is one all the same, of
whatever provider the block names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from ctkms.iac.terraform.aws.attributes import TELLING, Declared, attribute, has_attribute
from ctkms.iac.terraform.aws.providers import Provider, unknown_provider
from ctkms.iac.terraform.evaluation.evaluate import Scope, traverse
from ctkms.iac.terraform.evaluation.open_names import describe
from ctkms.iac.terraform.evaluation.values import Steps, Value
from ctkms.iac.terraform.syntax.syntax_tree import Body
from ctkms.unknowns.text import Hole

_EMPTY = Body({}, ())


@dataclass(frozen=True)
class _Undeclared:
    """A data source of which only its type and its name are known."""

    address: str
    scope: Scope
    body: Body = _EMPTY
    is_exact: bool = True

    def argument(self, name: str) -> Value:
        """Nothing is known of them."""
        return None

    def known(self, name: str) -> Value:
        """Terraform has worked out nothing."""
        return None

    def provider(self) -> Provider:
        """Any."""
        return unknown_provider(f"of {self.address}")

    def key(self, reference: Value) -> Optional[Declared]:
        """It leads to no key."""
        return None


def undeclared(module: str, traversal: Steps, otherwise: Hole, scope: Scope) -> Value:
    """The value of a reference to what is not declared in a module; `otherwise` where its type tells nothing of it."""
    of, label, steps = _source(traversal), traversal[2:3], traversal[3:]
    if of not in TELLING or not steps:
        return otherwise
    index = ""
    if is_one_of_several(traversal):
        index, steps = f"[{describe(steps[0])}]", steps[1:]
    if not steps or not has_attribute(of, str(steps[0])):
        return otherwise
    looked_up = _Undeclared(f"{module}{of}.{label[0]}{index}", scope)
    return traverse(attribute(looked_up, of, str(steps[0])), steps[1:], scope)


def is_one_of_several(traversal: Steps) -> bool:
    """Whether a reference to what is not declared names an instance by its index, of which there may be none."""
    of, steps = _source(traversal), traversal[2:]
    return of in TELLING and len(steps) > 1 and not has_attribute(of, str(steps[1]))


def _source(traversal: Steps) -> str:
    """What is referred to, without its name."""
    return ".".join(map(str, traversal[:2]))
