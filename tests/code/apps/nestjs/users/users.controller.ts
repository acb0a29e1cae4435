import { Body, Controller, Get, Post, Put, Delete, All, Param, HttpCode, UseInterceptors } from '@nestjs/common';
import { EventPattern, MessagePattern } from '@nestjs/microservices';
import { OnEvent } from '@nestjs/event-emitter';
import { Cron } from '@nestjs/schedule';

@Controller('users')
@UseInterceptors()
export class UsersController {
  private readonly users = new Map();

  @Get()
  list() { //: GET /api/users
    return [];
  }

  @Get(':id')
  @HttpCode(200)
  async one(@Param('id') id: string) { //: GET /api/users/:id
    return id;
  }

  @Post(['new', 'create'])
  create(@Body() body: unknown) { //: POST /api/users/new, POST /api/users/create
    return body;
  }

  @MessagePattern({ cmd: 'sum' })
  sum(data: number[]) { //: * sum
    return data;
  }

  @EventPattern('user.created')
  created() { //: * user.created
    return 1;
  }

  @OnEvent('order.paid')
  paid() { //: * order.paid
    return 1;
  }

  @Cron('45 * * * * *')
  tick() { //: * UsersController.tick
    return 1;
  }
}

@Controller({ path: 'cats', host: 'x' })
class CatsController {
  @All('*')
  everything() { //: * /api/cats/*
    return 1;
  }
}

@Controller()
export class RootController {
  @Put('root')
  root() { //: PUT /api/root
    return 1;
  }
}
