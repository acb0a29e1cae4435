export async function health(app) {
  app.get('/health', () => 'ok'); //: GET /health
}
