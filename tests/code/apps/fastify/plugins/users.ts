import type { FastifyPluginAsync } from 'fastify';

const users: FastifyPluginAsync = async (fastify, opts) => {
  fastify.get('/', async () => []); //: GET /users/
  fastify.register(deeper, { prefix: '/deep' });
};

async function deeper(scope: any) {
  scope.patch('/:id', async () => ({})); //: PATCH /users/deep/:id
}

export default users;
