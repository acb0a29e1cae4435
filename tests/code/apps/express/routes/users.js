const router = require('express').Router({ mergeParams: true });
const controller = require('../controllers/users');
const { asyncHandler } = require('../lib');
const UserApi = require('../controllers/UserApi');

const instance = new UserApi();

router.get('/', controller.list);
router.get('/:id', asyncHandler(controller.show));
router.delete('/:id(\\d+)', instance.remove.bind(instance));
router.patch(`/:id`, asyncHandler(async (req, res) => { //: PATCH /api/users/:id
  res.end();
}));

module.exports = router;
