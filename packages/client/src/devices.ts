import type { Device } from '@natter/protocol';
import type { Brain } from './engine/brain.js';
import { toChatError } from './errors.js';
import { toDeviceId } from './ids.js';
import { type Loadable } from './loadable.js';
import { type Readable, select } from './readable.js';
import { isAlikeList } from './views/views.js';

/**
 * All devices on which the user is logged in; `current` is this one. Nothing tells that a device was renamed elsewhere or
 * used: `load` before a list of them is shown.
 */
export class Devices implements Loadable<readonly Device[]> {
  private readonly list: Readable<readonly Device[]>;

  constructor(private readonly brain: Brain) {
    this.list = select(
      brain.model,
      ({ state }) => [...(state?.devices.values() ?? [])],
      isAlikeList,
    );
  }

  getSnapshot(): readonly Device[] {
    return this.list.getSnapshot();
  }

  subscribe(listener: () => void): () => void {
    return this.list.subscribe(listener);
  }

  load(): Promise<void> {
    return this.brain.loadDevices();
  }

  async rename(id: string, name: string): Promise<void> {
    const params = { id: toDeviceId(id) };
    await this.brain.request('renameDevice', { params, body: { name } });
    await this.load();
  }

  /** Ends the login of a device. Of this one, `session.logout` does it. */
  async revoke(id: string): Promise<void> {
    await this.brain.request('revokeDevice', { params: { id: toDeviceId(id) } });
  }

  /**
   * Ends the logins of all devices but this one.
   *
   * @throws {ChatError} where that was not possible for one of them; those before it are logged out then.
   */
  async revokeOthers(): Promise<void> {
    const { items } = await this.brain.request('listDevices', {});
    for (const { id, current } of items) {
      if (current) continue;
      await this.revoke(id).catch((thrown: unknown) => {
        // It went by itself meanwhile.
        if (toChatError(thrown).code !== 'NOT_FOUND') throw thrown;
      });
    }
  }
}
