from fastapi import APIRouter, Depends

router = APIRouter(prefix="/users", dependencies=[Depends(lambda: None)])


@router.get("")
def list_users():  #: GET /api/v1/users
    return []


@router.get(
    "/{user_id}",
    response_model=None,
)
async def read_user(user_id: int):  #: GET /api/v1/users/{user_id}
    return user_id


@router.api_route("/{user_id}/avatar", methods=["PUT", "DELETE"])
def change_avatar(user_id: int):  #: PUT /api/v1/users/{user_id}/avatar, DELETE /api/v1/users/{user_id}/avatar
    return user_id


@router.websocket("/ws")
async def socket(websocket):  #: GET /api/v1/users/ws
    await websocket.accept()
