import type { RouteInput, Session } from '@natter/protocol';
import { Controller } from '@nestjs/common';
import { FromAddress, FromRequest, Route } from '../http/route.decorator.js';
import { AuthService } from './auth.service.js';

@Controller()
export class AuthController {
  constructor(private readonly auth: AuthService) {}

  @Route('register')
  register(
    @FromRequest() input: RouteInput<'register'>,
    @FromAddress() address: string,
  ): Promise<Session> {
    return this.auth.register(input, address);
  }

  @Route('login')
  login(
    @FromRequest() input: RouteInput<'login'>,
    @FromAddress() address: string,
  ): Promise<Session> {
    return this.auth.login(input, address);
  }
}
