import type { RouteInput, Session } from '@natter/protocol';
import { Controller } from '@nestjs/common';
import { FromRequest, Route } from '../http/route.decorator.js';
import { AuthService } from './auth.service.js';

@Controller()
export class AuthController {
  constructor(private readonly auth: AuthService) {}

  @Route('register')
  register(@FromRequest() input: RouteInput<'register'>): Promise<Session> {
    return this.auth.register(input);
  }

  @Route('login')
  login(@FromRequest() input: RouteInput<'login'>): Promise<Session> {
    return this.auth.login(input);
  }
}
