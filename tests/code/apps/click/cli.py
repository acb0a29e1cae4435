import click

from db import db


@click.group()
def cli():
    pass


@cli.command()
@click.option("--count", default=1)
def say_hello(count):  #: * say-hello
    pass


@cli.command("bye")
def goodbye():  #: * bye
    pass


@cli.group()
def user():  #: * user
    pass


@user.command(name="add")
def add_user():  #: * user add
    pass


cli.add_command(db)
