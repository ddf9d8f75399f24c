import type { Config } from '../config/config.js';

const LOCAL_PAGE = /^http:\/\/localhost(:\d{1,5})?$/;

/** Whether a web page of this origin may call the server. Pages of our own origin send none that matters. */
export function isAllowedOrigin(
  { corsOrigins, production }: Pick<Config, 'corsOrigins' | 'production'>,
  origin: string,
): boolean {
  return corsOrigins.includes(origin) || (!production && LOCAL_PAGE.test(origin));
}

/** The `origin` option that both HTTP and Socket.IO take. */
export function corsOrigin(config: Pick<Config, 'corsOrigins' | 'production'>) {
  return (
    origin: string | undefined,
    answer: (error: Error | null, allowed: boolean) => void,
  ): void => {
    answer(null, origin !== undefined && isAllowedOrigin(config, origin));
  };
}
