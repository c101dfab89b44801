"""What the list of a loop is, in terms of the template alone: loops are unrolled before anything else is looked at."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Mapping

from ctkms.budgets import Budget, at_most, metered, spent, unmetered
from ctkms.iac.cloudformation.aws.return_values import Deployment
from ctkms.iac.cloudformation.evaluation.evaluation import Evaluation

# Spent on the lists of all loops of a template, which has room for a few hundred resources.
_FOR_LISTS: Mapping[Budget, int] = {Budget.STEPS: 20_000, Budget.CHARACTERS: 200_000}


class LoopLists:
    """The lists of one template, as an evaluation sees it in which the loops still stand."""

    def __init__(self, evaluation: Evaluation, home: Deployment) -> None:
        self._evaluation = evaluation
        self._home = home
        self._left = dict(_FOR_LISTS)

    def list_of(self, expression: object) -> object:
        """The value of an expression; open once too much was spent on the lists of the template."""
        # What is worked out once for all resources must not hang on what the first of them has left.
        with unmetered(), metered():
            with ExitStack() as limits:
                for budget, left in self._left.items():
                    limits.enter_context(at_most(budget, left))
                value = self._evaluation.value(expression, self._home)
            self._left = {budget: max(0, left - spent(budget)) for budget, left in self._left.items()}
            return value
