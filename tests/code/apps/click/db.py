import click


@click.group(name="database")
def db():
    pass


@click.command()
def init_cmd():  #: * init, * database init
    pass


@db.command()
def drop():  #: * database drop
    pass


db.add_command(init_cmd)
