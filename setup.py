"""The native scan kernel; where it cannot be built, its Python twin serves. All else stands in pyproject.toml."""

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            "telemap.records._scan",
            ["src/telemap/records/_scan.c"],
            extra_compile_args=["-O3"],
            optional=True,
            py_limited_api=True,
        )
    ],
    # one wheel a platform for every Python from 3.11 on, as Py_LIMITED_API in the source
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
