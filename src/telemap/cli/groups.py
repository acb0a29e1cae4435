"""A verb that has verbs of its own."""

from typing import Any

from typer.core import TyperGroup


class Group(TyperGroup):
    """A group whose flags are false where they are not given."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The options; of those that are None Typer would ask Pydantic, which takes as long to load as help may."""
        params: list[Any] = super().get_params(ctx)
        for param in params:
            if getattr(param, "is_flag", False) and param.default is None:
                param.default = False
        return params
