import { NestFactory } from '@nestjs/core';

async function bootstrap() {
  const app = await NestFactory.create(class {});
  app.setGlobalPrefix('api');
  await app.listen(3000);
}
bootstrap();
