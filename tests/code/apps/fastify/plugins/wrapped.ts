import fp from 'fastify-plugin';

export default fp(async function (fastify) {
  fastify.all('/all', () => 'ok'); //: * /all
});
