"""Run benchmarks: `python -m benchmarks [NAME …]`; `--list` names them."""

import argparse
import importlib
import pkgutil
import sys

import benchmarks


def names() -> list[str]:
    """Return the benchmarks: the modules here that have a `main`."""
    found = []
    for module_info in pkgutil.iter_modules(benchmarks.__path__):
        if module_info.name.startswith("__"):
            continue
        module = importlib.import_module(f"benchmarks.{module_info.name}")
        if hasattr(module, "main"):
            found.append(module_info.name)
    return found


def main() -> int:
    """Run the chosen benchmarks, each in the order of its name."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help="which ones; all by default")
    parser.add_argument("--list", action="store_true", help="name them and stop")
    arguments = parser.parse_args()
    known = names()
    unknown = sorted(set(arguments.names) - set(known))
    if unknown:
        parser.error(f"no such benchmark: {', '.join(unknown)}; known: {', '.join(known)}")
    for name in known:
        module = importlib.import_module(f"benchmarks.{name}")
        first = (module.__doc__ or "").strip().splitlines()[0]
        if arguments.list:
            print(f"{name:<12} {first}")
        elif not arguments.names or name in arguments.names:
            print(f"\n## {name}: {first}\n")
            module.main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
