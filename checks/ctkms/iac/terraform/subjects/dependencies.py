"""What Terraform makes first: the graph of references between the blocks of a configuration.

A block waits for all that its expressions refer to, and for all that this refers to in turn: through
locals, inputs and outputs, data sources and other resources. It does so as a whole, whichever
instance is meant. What stands in a module waits as well for what its call depends on.
https://developer.hashicorp.com/terraform/internals/graph
https://developer.hashicorp.com/terraform/language/meta-arguments/depends_on
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Set, Tuple, Union

from ctkms.budgets import Budget, spend
from ctkms.cloudtrail.resources import Order
from ctkms.iac.terraform.instances.resource_instance import ResourceInstance
from ctkms.iac.terraform.modules.loader import ModuleLoader
from ctkms.iac.terraform.modules.module import Module
from ctkms.iac.terraform.syntax.references import Traversal, traversals, traversals_in
from ctkms.iac.terraform.syntax.syntax_tree import Body
from ctkms.unknowns.text import Hole

MAX_NODES = 10_000  # that are visited for one question; only modules that call modules many times have more

Path = Tuple[str, ...]  # the names of the calls that lead to a module
Node = Tuple[Path, str, Tuple[str, ...]]  # a module, the kind of thing in it, and its name

_EXPANSION = ("count", "for_each", "depends_on")  # of a module call: all that stands in the module waits for them
_NO_INPUTS = (*_EXPANSION, "source", "version", "providers")
_TOO_LARGE = Hole("the graph of references, which is too large")


@dataclass(frozen=True)
class _Edges:
    """What something waits for: for certain, and perhaps; `unseen` is whatever may wait for anything."""

    certain: Tuple[Node, ...] = ()
    perhaps: Tuple[Node, ...] = ()
    unseen: Optional[str] = None


class Dependencies:
    """The graph of references of one configuration."""

    def __init__(self, modules: ModuleLoader) -> None:
        self._modules = modules
        self._at: Dict[Path, Optional[Module]] = {}
        self._edges: Dict[Node, _Edges] = {}
        self._orders: Dict[Tuple[Node, Node], Union[Order, Hole]] = {}
        self._others_wait: Dict[Tuple[Path, Node], bool] = {}  # whether more in a module waits for a policy
        self._before: Tuple[Optional[Node], Optional[Set[Node]]] = (None, None)  # what the latest policy waits for

    def order(self, user: ResourceInstance, policy: ResourceInstance) -> Union[Order, Hole]:
        """When a user of a key is made, seen from the policy of that key."""
        one, other = _block(user), _block(policy)
        found = self._orders.get((one, other)) or self._order(one, other)
        if found != _TOO_LARGE:
            self._orders[one, other] = found
        return found

    def _order(self, user: Node, policy: Node) -> Union[Order, Hole]:
        known, before = self._before
        if known != policy or before is None:
            before = self._reached(policy)
            self._before = policy, before
        after = self._reached(user)
        if before is None or after is None:
            return _TOO_LARGE
        if user in before:
            return Order.NEEDED
        if policy in after:
            return Order.AFTER
        return self._perhaps(user, policy) or Order.ANY

    def _reached(self, *starts: Node) -> Optional[Set[Node]]:
        """All that blocks certainly wait for; None where that is too much."""
        seen: Set[Node] = set()
        waiting = list(starts)
        while waiting:
            new = [node for node in self._edges_of(waiting.pop()).certain if node not in seen]
            seen.update(new)
            waiting.extend(new)
            if len(seen) > MAX_NODES or not spend(Budget.STEPS):
                return None
        return seen

    def _perhaps(self, start: Node, target: Node) -> Optional[Hole]:
        """Why a block may wait for another one; None where it does not, whatever is not seen here."""
        why: Dict[Node, Optional[str]] = {start: None}
        waiting = [start]
        while waiting:
            node = waiting.pop()
            edges = self._edges_of(node)
            if edges.unseen is not None:
                return Hole("${" + edges.unseen + "}")
            if node[1] == "local" and self._may_hold(node, target):
                return Hole("${" + _source(node) + "}")
            found: Dict[Node, Optional[str]] = dict.fromkeys(edges.certain, why[node])
            found.update((one, why[node] or _source(node)) for one in edges.perhaps)
            if target in found:
                return Hole("${" + str(found[target]) + "}")
            new = {one: source for one, source in found.items() if one not in why}
            why.update(new)
            waiting.extend(new)
            if len(why) > MAX_NODES or not spend(Budget.STEPS):
                return _TOO_LARGE
        return None

    def _may_hold(self, local: Node, policy: Node) -> bool:
        """Whether a local of a plan may come from what waits for a policy.

        While the policy is not made, nothing that comes from it is known. So a local that is known, or
        stands beside something else that is not, comes from it only through other parts of its module.
        """
        path, _, name = local
        module = self._module(path)
        if module is None or name[0] in module.locals:
            return False
        if not self._modules.is_new(policy[0], (policy[2][0], policy[2][1], policy[2][2])):
            return True
        if (path, policy) not in self._others_wait:
            found = self._reached(*(one for one in self._parts(path, module) if one != policy))
            if found is None:
                return True
            self._others_wait[path, policy] = policy in found
        return self._others_wait[path, policy]

    def _parts(self, path: Path, module: Module) -> Iterator[Node]:
        """All that an expression in a module can refer to."""
        yield from ((path, "block", block) for block in module.resources)
        yield from ((path, "var", (one,)) for one in module.variables)
        for call in module.calls:
            called = self._module((*path, call))
            yield from (((*path, call), "output", (one,)) for one in (called.outputs if called else ()))

    def _edges_of(self, node: Node) -> _Edges:
        if node not in self._edges:
            self._edges[node] = _EDGES[node[1]](self, *node)
        return self._edges[node]

    def _module(self, path: Path) -> Optional[Module]:
        """The module that calls lead to; None when its code is not at hand."""
        if not path:
            return self._modules.top()
        if path not in self._at:
            caller = self._module(path[:-1])
            found = None
            if caller is not None and path[-1] in caller.calls:
                found = self._modules.called(caller, path[-1], path)
            folders = {module.folder for module in map(self._module, _above(path)) if module is not None}
            # Terraform refuses a module that calls itself.
            self._at[path] = None if found is None or found.folder in folders else found
        return self._at[path]

    def _call(self, path: Path) -> Body:
        """The call that leads to a module."""
        caller = self._module(path[:-1]) if path else None
        return _NOTHING if caller is None else caller.calls.get(path[-1], _NOTHING)

    # What the parts of a module wait for

    def _of_block(self, path: Path, kind: str, name: Tuple[str, ...]) -> _Edges:
        module = self._module(path)
        if module is None:
            return _Edges()
        body = self._modules.block(module, path, (name[0], name[1], name[2]))
        return self._references(path, traversals_in(body))

    def _of_local(self, path: Path, kind: str, name: Tuple[str, ...]) -> _Edges:
        module = self._module(path)
        if module is None or name[0] not in module.locals:
            return _Edges()  # a plan does not say what its locals are: see `_may_hold`
        return self._references(path, traversals(module.locals[name[0]]))

    def _of_variable(self, path: Path, kind: str, name: Tuple[str, ...]) -> _Edges:
        module, given = self._module(path), self._call(path).attributes.get(name[0])
        declared = _NOTHING if module is None else module.variables.get(name[0], _NOTHING)
        checks = traversals_in(Body({}, declared.blocks_of("validation")))
        own = self._references(path, checks)
        if given is None or name[0] in _NO_INPUTS:
            return own
        return _joined(own, self._references(path[:-1], traversals(given)))

    def _of_output(self, path: Path, kind: str, name: Tuple[str, ...]) -> _Edges:
        module = self._module(path)
        if module is None:
            return _Edges(certain=(_expansion(path),), perhaps=((path, "inputs", ()),))
        output = module.outputs.get(name[0], _NOTHING)
        return self._references(path, traversals_in(output))

    def _of_everything(self, path: Path, kind: str, name: Tuple[str, ...]) -> _Edges:
        found: List[Node] = [_expansion(path), (path, "inputs", ())]
        module = self._module(path)
        if module is not None:
            found.extend((path, "block", block) for block in module.resources)
            found.extend((path, "output", (output,)) for output in module.outputs)
            found.extend(((*path, call), "everything", ()) for call in module.calls)
        return _Edges(tuple(found))

    def _of_inputs(self, path: Path, kind: str, name: Tuple[str, ...]) -> _Edges:
        return self._references(path[:-1], traversals_in(self._call(path), _NO_INPUTS))

    def _of_expansion(self, path: Path, kind: str, name: Tuple[str, ...]) -> _Edges:
        call = self._call(path)
        wanted = {one: expression for one, expression in call.attributes.items() if one in _EXPANSION}
        return self._references(path[:-1], traversals_in(Body(wanted, ())))

    # References

    def _references(self, path: Path, found: Iterable[Traversal]) -> _Edges:
        """What the references in a module lead to; whatever has them waits for the module's call as well."""
        nodes: Dict[Node, None] = {_expansion(path): None} if path else {}
        unseen: Optional[str] = None
        module = self._module(path)
        for one in found if module is not None else ():
            if not one.root:
                unseen = one.source
            nodes.update(dict.fromkeys(_leads_to(one, path, module)))
        return _Edges(tuple(nodes), unseen=unseen)


_NOTHING = Body({}, ())
_EDGES: Mapping[str, Callable[[Dependencies, Path, str, Tuple[str, ...]], _Edges]] = {
    "block": Dependencies._of_block,
    "local": Dependencies._of_local,
    "var": Dependencies._of_variable,
    "output": Dependencies._of_output,
    "everything": Dependencies._of_everything,
    "inputs": Dependencies._of_inputs,
    "expansion": Dependencies._of_expansion,
}


def _leads_to(found: Traversal, path: Path, module: Optional[Module]) -> Iterator[Node]:
    root, names = found.root, found.names
    if module is None or not names:
        return
    if root in ("var", "local"):
        yield path, root, (names[0],)
    elif root == "module":
        if names[0] in module.calls:
            # Without an output it is the whole module, also of `module.m[each.key].arn` and `module.m[*].arn`.
            kind, name = ("output", (names[1],)) if len(names) > 1 else ("everything", ())
            yield (*path, names[0]), kind, name
    else:
        block = (root, *names[:2]) if root == "data" else ("resource", root, names[0])
        if block in module.resources:
            yield path, "block", block


def _block(instance: ResourceInstance) -> Node:
    return instance.module.path, "block", instance.name


def _expansion(path: Path) -> Node:
    return path, "expansion", ()


def _above(path: Path) -> Iterator[Path]:
    return (path[:length] for length in range(len(path)))


def _joined(one: _Edges, other: _Edges) -> _Edges:
    return _Edges(one.certain + other.certain, one.perhaps + other.perhaps, one.unseen or other.unseen)


def _prefix(path: Path) -> str:
    return "".join(f"module.{call}." for call in path)


def _source(node: Node) -> str:
    """What is not seen, as a reference: a local of a plan, or an output of a module whose code is not at hand."""
    path, kind, name = node
    return _prefix(path) + ".".join(("local", *name) if kind == "local" else name)
