import type { RouteInput, Session, Tokens } from '@natter/protocol';
import { Controller } from '@nestjs/common';
import { FromAddress, FromCaller, FromRequest, Route } from '../http/route.decorator.js';
import type { Caller } from '../identity/caller.js';
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

  @Route('refresh')
  refresh(@FromRequest() { refreshToken }: RouteInput<'refresh'>): Promise<Tokens> {
    return this.auth.refresh(refreshToken);
  }

  @Route('logout')
  logout(@FromCaller() caller: Caller): Promise<void> {
    return this.auth.logout(caller);
  }

  @Route('changePassword')
  changePassword(
    @FromCaller() caller: Caller,
    @FromRequest() input: RouteInput<'changePassword'>,
    @FromAddress() address: string,
  ): Promise<void> {
    return this.auth.changePassword(caller, input, address);
  }
}
