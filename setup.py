"""The compiled parsers of logs, which are optional: without a compiler the one in Python is used."""

from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel


class Wheel(bdist_wheel):
    """A wheel that is named by what is in it: without the library it serves every machine."""

    def get_tag(self) -> tuple[str, str, str]:
        """Return the tags of Python, of its binary interface, and of the machine."""
        libraries = self.get_finalized_command("build_ext").get_outputs()
        if any(Path(each).exists() for each in libraries):
            return super().get_tag()
        return "py3", "none", "any"


setup(
    ext_modules=[
        Extension(
            f"ringwall.traffic.{name}",
            [f"src/ringwall/traffic/{name}.c"],
            # The stable interface of Python 3.11: one wheel serves all that came later.
            define_macros=[("Py_LIMITED_API", "0x030B0000")],
            py_limited_api=True,
            optional=True,
        )
        for name in ("_lines", "_queries")
    ],
    cmdclass={"bdist_wheel": Wheel},
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
