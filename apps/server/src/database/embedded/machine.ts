/** How clients reach the database: through a file in a private folder, or through the loopback interface with a password. */
export type Transport = 'socket' | 'loopback';

/** The facts about this computer that tests replace to see the other branches. */
export interface Machine {
  readonly transport: Transport;
  /** Where root puts what an unprivileged account must reach and a data folder in a private place cannot hold. */
  readonly sharedFolder: string;
}

export const thisMachine: Machine = {
  transport: process.platform === 'win32' ? 'loopback' : 'socket',
  sharedFolder: '/var/lib/natter',
};
