from typer import Typer

app = Typer()


@app.command()
def create(name: str):  #: * users create
    pass


@app.command(name="drop", hidden=True)
def delete(name: str):  #: * users drop
    pass
