"""The native kernels, and the examples in the wheel. All else stands in pyproject.toml.

Where a kernel cannot be built, its Python twin serves.
"""

from pathlib import Path
from shutil import copytree, ignore_patterns

from setuptools import Extension, setup
from setuptools.command.build_py import build_py


class BuildWithExamples(build_py):
    """Puts the examples beside the modules, where `telemap demo` looks for them; a checkout has them at its top."""

    def run(self) -> None:
        """Build as ever, then copy."""
        super().run()
        if not self.editable_mode:
            target = Path(self.build_lib, "telemap", "examples")
            copytree("examples", target, ignore=ignore_patterns("__pycache__", ".*", "*.log"), dirs_exist_ok=True)


def kernel(module: str) -> Extension:
    """The extension that is built of the C file of that name, with headers beside it."""
    source = Path("src", *module.split(".")).with_suffix(".c")
    return Extension(
        module,
        [str(source)],
        depends=sorted(map(str, source.parent.glob("*.h"))),
        extra_compile_args=["-O3"],
        optional=True,
        py_limited_api=True,
    )


setup(
    cmdclass={"build_py": BuildWithExamples},
    ext_modules=[
        kernel("telemap.records._scan"),
        kernel("telemap.records._json"),
        kernel("telemap.records._times"),
        kernel("telemap.traces._otlp"),
        kernel("telemap.executions._correlate"),
        kernel("telemap.stats._lanes"),
    ],
    # one wheel a platform for every Python from 3.11 on, as Py_LIMITED_API in the sources
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
