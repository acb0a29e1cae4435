import typer

import users

app = typer.Typer()
app.add_typer(users.app, name="users")


@app.command()
def show_all():  #: * show-all
    pass


@app.command("rm")
def remove(name: str):  #: * rm
    pass


if __name__ == "__main__":
    app()
