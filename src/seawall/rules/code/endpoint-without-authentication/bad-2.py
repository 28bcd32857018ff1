from fastapi import APIRouter, Depends, FastAPI

app = FastAPI()


@app.get("/orders")
async def orders(user=Depends(get_current_user)):
    return await list_orders(user)


@app.post("/refunds")
async def refund(order: int):
    return await refund_order(order)
