from fastapi import APIRouter

router = APIRouter()


@router.delete("/cache")
def clear():  #: DELETE /admin/cache, DELETE /internal/cache
    return None
