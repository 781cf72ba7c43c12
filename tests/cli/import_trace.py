"""Runs the command line in this process and notes who imported what: `python import_trace.py FILE ARGUMENT…`.

FILE gets a JSON object: the exit code, and each package that is no part of Python and was loaded, with how it came
in, the last importer first.
"""

import json
import sys
import sysconfig
from importlib.machinery import ModuleSpec
from pathlib import Path

importers: dict[str, str] = {}


class ImportRecorder:
    """A finder that finds nothing and remembers who asked; the import system asks it once for each new module."""

    def find_spec(self, name: str, *_ignored: object) -> ModuleSpec | None:
        """Note the module that the nearest frame outside of the import system belongs to."""
        frame = sys._getframe(1)
        while frame.f_back and frame.f_globals.get("__name__", "").startswith("importlib"):
            frame = frame.f_back
        importers.setdefault(name, frame.f_globals.get("__name__", "?"))
        return None


def chain(module: str) -> list[str]:
    """The module, who imported it, who imported that one, up to the command line."""
    links = [module]
    while (importer := importers.get(links[-1])) and importer not in links:
        links.append(importer)
    return links


def main() -> None:
    """Run the command and write down what was loaded."""
    report = Path(sys.argv[1])
    sys.meta_path.insert(0, ImportRecorder())  # type: ignore[arg-type]
    from pvd_mailer.cli import main as run  # noqa: PLC0415 - after the recorder is in place

    code: object = 0
    try:
        run(sys.argv[2:])
    except SystemExit as end:
        code = end.code
    packages = Path(sysconfig.get_paths()["purelib"])
    loaded = {}
    for name in list(sys.modules):
        file = getattr(sys.modules[name], "__file__", None)
        if file and packages in Path(file).parents:
            top = name.partition(".")[0]
            loaded[top] = chain(top)
    report.write_text(json.dumps({"code": code, "loaded": loaded}), encoding="utf-8")


if __name__ == "__main__":
    main()
