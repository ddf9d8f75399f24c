import { Global, Module } from '@nestjs/common';
import { ChatsModule } from '../chats/chats.module.js';
import { DevicesModule } from '../devices/devices.module.js';
import { MediaModule } from '../media/media.module.js';
import { StreamsModule } from '../streams/streams.module.js';
import { UsersModule } from '../users/users.module.js';
import { Authenticator } from '../identity/authenticator.js';
import { AccessTokens } from './access-tokens.js';
import { AccountController } from './account.controller.js';
import { AccountService } from './account.service.js';
import { AuthController } from './auth.controller.js';
import { AuthService } from './auth.service.js';
import { LoginLimits } from './login-limits.js';
import { PasswordProof } from './password-proof.js';
import { Passwords } from './passwords.js';

/** Global, because every controller's routes ask it who calls. */
@Global()
@Module({
  imports: [UsersModule, DevicesModule, ChatsModule, MediaModule, StreamsModule],
  controllers: [AuthController, AccountController],
  providers: [
    AuthService,
    AccountService,
    PasswordProof,
    AccessTokens,
    Passwords,
    LoginLimits,
    { provide: Authenticator, useExisting: AuthService },
  ],
  exports: [Authenticator],
})
export class AuthModule {}
