import type { UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';

/** Which users have a socket on this node. */
@Injectable()
export class ConnectedUsers {
  private readonly sockets = new Map<UserId, number>();

  add(userId: UserId): void {
    this.sockets.set(userId, (this.sockets.get(userId) ?? 0) + 1);
  }

  remove(userId: UserId): void {
    const left = (this.sockets.get(userId) ?? 0) - 1;
    if (left > 0) this.sockets.set(userId, left);
    else this.sockets.delete(userId);
  }

  has(userId: UserId): boolean {
    return this.sockets.has(userId);
  }
}
