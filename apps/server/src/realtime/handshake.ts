import { HandshakeAuth, type HandshakeError, MINIMUM_PROTOCOL_VERSION } from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { Authenticator } from '../identity/authenticator.js';
import type { Caller } from '../identity/caller.js';
import { NatterError } from '../errors/natter-error.js';
import { isOwnFailure, toNatterError } from '../errors/translate.js';
import { validate } from '../errors/validation.js';
import { LOGGER } from '../logging/logger.js';
import { type Memberships, MembershipsRepository } from './memberships.repository.js';
import type { NatterSocket } from './natter-socket.js';

/** What an accepted socket carries. */
export interface Acceptance {
  readonly caller: Caller;
  readonly memberships: Memberships;
}

/** A refusal in the form that Socket.IO hands to the client as `connect_error`. */
class HandshakeRefusal extends Error {
  readonly data: HandshakeError;

  constructor({ code, message }: NatterError) {
    super(message);
    this.data = { code, message };
  }
}

/** Lets a socket in, or refuses it: no identity, no connection. */
@Injectable()
export class Handshake {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly memberships: MembershipsRepository,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @throws {HandshakeRefusal} with the code that the client is to see. */
  async accept(socket: NatterSocket): Promise<Acceptance> {
    try {
      const { token, protocolVersion } = validate(HandshakeAuth, socket.handshake.auth);
      if (protocolVersion != null && protocolVersion < MINIMUM_PROTOCOL_VERSION) {
        throw new NatterError('CLIENT_TOO_OLD');
      }
      const caller = await this.authenticator.identify(token ?? undefined);
      const memberships = await this.memberships.read(caller.userId);
      // After the user's stream was read: a revocation either is seen here or comes as an event above what was read.
      await this.authenticator.confirm(caller);
      return { caller: { ...caller, socketId: socket.id }, memberships };
    } catch (thrown) {
      const error = toNatterError(thrown);
      if (isOwnFailure(error)) {
        this.logger.error({ error: error.cause ?? error }, 'a handshake failed');
      }
      throw new HandshakeRefusal(error);
    }
  }
}
