"""Policy documents where a template declares them: as they stand, before parsing."""

from __future__ import annotations

from ctkms.budgets import TooLarge
from ctkms.iac.cloudformation.aws.return_values import Deployment
from ctkms.iac.cloudformation.evaluation.evaluation import Evaluation
from ctkms.iac.cloudformation.evaluation.values import NO_VALUE, check_size
from ctkms.iac.cloudformation.templates.template import Resource, entries
from ctkms.unknowns.scenarios import too_large


def document(resource: Resource, name: str, evaluation: Evaluation, at: Deployment) -> object:
    """The policy document that a property holds; None when the template sets none."""
    given = resource.properties.get(name)
    fields = entries(given)
    if len(fields) == 1 and "Fn::ToJsonString" in fields and evaluation.has_language_extensions(at):
        given = fields["Fn::ToJsonString"]  # the same document, and it may have holes
        value = evaluation.value(given, at)
    elif isinstance(given, (int, float)):
        return given  # no policy at all: not for us to repair
    else:
        value = evaluation.property(resource, name, at)
    try:
        return None if value is NO_VALUE else check_size(value)
    except TooLarge:
        return too_large(name)
