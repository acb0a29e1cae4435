export async function place(req, res) { //: POST /api/orders/items/:item, POST /api/purchases/items/:item
  res.end();
}
