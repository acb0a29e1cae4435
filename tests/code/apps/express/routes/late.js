module.exports = (server, options) => {
  server.get('/late', (req, res) => res.send('ok')); //: GET /late
};
