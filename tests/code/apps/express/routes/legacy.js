const { Router } = require('express');

const old = Router();
old.get('/ping', ping);

function ping(req, res) { //: GET /v0/ping
  res.end();
}

module.exports = old;
