module.exports = function attach(app) {
  app.get('/health', (req, res) => res.send('ok')); //: GET /health
};
