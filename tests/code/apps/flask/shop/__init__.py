from flask import Flask

from . import orders
from .api import api


def create_app():
    app = Flask(__name__)
    app.register_blueprint(api, url_prefix="/v2")
    app.register_blueprint(orders.bp)
    app.add_url_rule("/ping", "ping", ping)
    app.add_url_rule("/stock/<sku>", view_func=orders.Stock.as_view("stock"))

    @app.route("/")
    def index():  #: GET /
        return ""

    return app


def ping():  #: GET /ping
    return "pong"
