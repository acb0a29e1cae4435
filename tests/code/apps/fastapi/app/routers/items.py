import fastapi

router = fastapi.APIRouter()
nested = fastapi.APIRouter(prefix="/reviews")


@router.post("/items/")
def create_item():  #: POST /api/v1/items/
    return None


@nested.get("/{review_id}")
@nested.get("/{review_id}/raw")
def read_review(review_id: str):  #: GET /api/v1/items/{item_id}/reviews/{review_id}, GET /api/v1/items/{item_id}/reviews/{review_id}/raw
    return review_id


router.include_router(nested, prefix="/items/{item_id}")
