class UserApi {
  remove(req, res) { //: DELETE /api/users/:id(\d+)
    res.end();
  }
}

module.exports = UserApi;
