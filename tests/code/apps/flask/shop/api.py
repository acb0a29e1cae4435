from functools import wraps

from flask import Blueprint

api = Blueprint("api", __name__, url_prefix="/v1")
users = Blueprint("users", __name__)


def checked(view):
    @wraps(view)
    def inner(*args, **kwargs):
        return view(*args, **kwargs)

    return inner


@users.route("/<int:user_id>", methods=["GET", "PATCH"])
@checked
def user(user_id):  #: GET /v2/users/<int:user_id>, PATCH /v2/users/<int:user_id>
    return ""


@users.post("/")
def add_user():  #: POST /v2/users/
    return ""


@api.route("/files/<path:name>")
def file(name):  #: GET /v2/files/<path:name>
    return ""


api.register_blueprint(users, url_prefix="/users")
