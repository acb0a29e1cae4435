const express = require('express');
const axios = require('axios');
const users = require('./routes/users');
const { router: orders } = require('./routes/orders');
const attachHealth = require('./routes/health');

const app = express();
const api = express.Router();
const auth = (req, res, next) => next(); //: * /books/:bookId

app.set('port', 3000);
app.use(express.json());
app.get('/', (req, res) => res.send('home')); //: GET /
app.all('/any', function any(req, res) { //: * /any
  res.end();
});
app.post('/login', auth, [auth, auth], login);
app.use('/api', auth, api);
api.use('/users', users);
api.use(['/orders', '/purchases'], orders);
app.use('/v0', require('./routes/legacy'));
attachHealth(app);
require('./routes/late')(app, {});

app
  .route('/books/:bookId')
  .all(auth)
  .get(readBook)
  .put(auth, (req, res) => { //: PUT /books/:bookId
    res.end();
  });

async function login(req, res) { //: POST /login
  const reply = await axios.get('/not/ours', auth);
  app.get('port');
  res.json(reply);
}

function readBook(req, res) { //: GET /books/:bookId
  res.end();
}

module.exports = app;
