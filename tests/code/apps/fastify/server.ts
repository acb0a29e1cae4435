import Fastify, { FastifyInstance } from 'fastify';
import users from './plugins/users';
import { health } from './plugins/health';
import wrapped from './plugins/wrapped.js';

export async function build(): Promise<FastifyInstance> {
  const fastify = Fastify({ logger: true });

  fastify.get('/', async () => ({ hello: 'world' })); //: GET /
  fastify.post('/orders', { schema: {} }, createOrder);
  fastify.route({
    method: ['GET', 'HEAD'],
    url: '/orders/:id',
    handler: readOrder,
  });
  fastify.route({
    method: 'DELETE',
    url: '/orders/:id',
    async handler(request, reply) { //: DELETE /orders/:id
      return reply;
    },
  });
  await fastify.register(users, { prefix: '/users' });
  fastify.register(health);
  fastify.register(wrapped);
  fastify.register(
    async (instance) => {
      instance.get('/inner', { handler: inner });
    },
    { prefix: '/v1' },
  );
  return fastify;
}

async function createOrder() { //: POST /orders
  return {};
}

const readOrder = async () => ({}); //: GET /orders/:id, HEAD /orders/:id

function inner() { //: GET /v1/inner
  return {};
}
