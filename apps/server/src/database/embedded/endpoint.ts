/** The superuser's password, which a new cluster takes from the file. */
export interface Credentials {
  readonly password: string;
  readonly file: string;
}

/** Where PostgreSQL listens. It stays the same for the life of our process, so that pools find a restarted one. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** Only where others could connect, too. */
  readonly credentials?: Credentials;
  /** PostgreSQL settings that make it listen there and nowhere else. */
  readonly settings: Readonly<Record<string, string>>;
  /** Removes what a killed PostgreSQL left in the way. Only while none runs. */
  clear(): Promise<void>;
  /** Removes the endpoint itself. Only while none runs. */
  remove(): Promise<void>;
}
