"""Checks the structure of a package: `python tools/structure.py [FOLDER]`, pvd_mailer if none is named.

It refuses what a stranger stumbles over, and prints where it stands:

- a public name that two modules define, unless it is natural that many do (NATURAL);
- a circle of imports, those for the type checker included;
- a transaction that is opened outside the layer of services, the sender and the database itself (TRANSACTIONS).
"""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

NATURAL = {"RULE", "create_app", "downgrade", "routes", "run", "upgrade"}
"""Names that many modules define, each for itself: a rule, a migration's steps, an application, its routes."""
TRANSACTIONS = ("services", "send", "database")
"""Folders whose modules may open a transaction; `send` needs one before and one after each call of a channel."""


def modules(folder: Path) -> dict[str, ast.Module]:
    """Every module of the package in `folder`, by its dotted name."""
    parsed = {}
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder.parent).with_suffix("").parts
        parsed[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = ast.parse(path.read_bytes())
    return parsed


def public_names(body: Iterable[ast.stmt]) -> Iterator[str]:
    """The names that a module's statements define, and that do not begin with an underscore."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            defined = [node.name]
        elif isinstance(node, ast.Assign):
            targets = (name for target in node.targets for name in ast.walk(target))
            defined = [name.id for name in targets if isinstance(name, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            defined = [node.target.id]
        elif isinstance(node, ast.If):
            defined = [*public_names(node.body), *public_names(node.orelse)]
        else:
            continue
        yield from (name for name in defined if not name.startswith("_"))


def duplicates(parsed: dict[str, ast.Module]) -> Iterator[str]:
    """A line for each public name that two modules define."""
    places: dict[str, set[str]] = defaultdict(set)
    for module, tree in parsed.items():
        if ".migrations" not in module:  # of each migration there is one; it is as it was when it was written
            for name in public_names(tree.body):
                places[name].add(module)
    for name, where in sorted(places.items()):
        if len(where) > 1 and name not in NATURAL:
            yield f"the public name {name} is defined twice: {', '.join(sorted(where))}"


def imports(module: str, tree: ast.Module, parsed: dict[str, ast.Module]) -> set[str]:
    """The modules of the package that a module imports, wherever in it."""
    targets = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            targets |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                targets.add(inner if inner in parsed else node.module)
    return {target for target in targets if target in parsed and target != module}


def circles(parsed: dict[str, ast.Module]) -> Iterator[str]:
    """A line for each circle of imports: Tarjan's strongly connected components of more than one module."""
    graph = {module: sorted(imports(module, tree, parsed)) for module, tree in parsed.items()}
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []

    def visit(module: str) -> Iterator[list[str]]:
        index[module] = low[module] = len(index)
        stack.append(module)
        for target in graph[module]:
            if target not in index:
                yield from visit(target)
                low[module] = min(low[module], low[target])
            elif target in stack:
                low[module] = min(low[module], index[target])
        if low[module] == index[module]:
            start = stack.index(module)
            component = stack[start:]
            del stack[start:]
            if len(component) > 1:
                yield component

    for module in graph:
        if module not in index:
            for component in visit(module):
                yield f"these modules import each other in a circle: {', '.join(sorted(component))}"


def is_transaction(node: ast.expr) -> bool:
    """Whether an expression is `database.read()` or `database.write()`, of whatever holds the database."""
    if not (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"read", "write"}
    ):
        return False
    owner = node.func.value
    return (isinstance(owner, ast.Name) and owner.id.endswith("database")) or (
        isinstance(owner, ast.Attribute) and owner.attr.endswith("database")
    )


def transactions(parsed: dict[str, ast.Module]) -> Iterator[str]:
    """A line for each transaction that is opened where none should be."""
    for module, tree in parsed.items():
        if module.partition(".")[2].startswith(TRANSACTIONS):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.With | ast.AsyncWith):
                for item in node.items:
                    if is_transaction(item.context_expr):
                        yield f"{module}, line {node.lineno}, opens a transaction: that is for services to do"


def main(folder: Path) -> int:
    """Print what is wrong; 1 if anything is."""
    parsed = modules(folder)
    problems = [*duplicates(parsed), *circles(parsed), *transactions(parsed)]
    for problem in problems:
        print(problem)
    print(f"{len(parsed)} modules of {folder.name}: {len(problems)} to mend")
    return 1 if problems or not parsed else 0


if __name__ == "__main__":
    arguments = sys.argv[1:]
    sys.exit(main(Path(arguments[0]) if arguments else Path(__file__).parent.parent / "pvd_mailer"))
