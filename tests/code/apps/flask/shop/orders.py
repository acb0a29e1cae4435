from flask import Blueprint
from flask.views import MethodView

bp = Blueprint("orders", __name__, url_prefix="/orders")


@bp.route("/")
@bp.route("/page/<int:number>")
def orders(number=1):  #: GET /orders/, GET /orders/page/<int:number>
    return ""


class Stock(MethodView):
    def get(self, sku):  #: GET /stock/<sku>
        return ""

    def post(self, sku):  #: POST /stock/<sku>
        return ""
