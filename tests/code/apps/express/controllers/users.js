exports.list = (req, res) => { //: GET /api/users/
  res.end();
};

exports.show = async function (req, res) { //: GET /api/users/:id
  res.end();
};
