import type { IncomingHttpHeaders } from 'node:http';
import type { Config } from '../config/config.js';

const LOCAL_PAGE = /^http:\/\/localhost(:\d{1,5})?$/;

type OriginRules = Pick<Config, 'corsOrigins' | 'production'>;

/** Whether a web page of this origin, which is not our own, may call the server. */
function isAllowedOrigin({ corsOrigins, production }: OriginRules, origin: string): boolean {
  return corsOrigins.includes(origin) || (!production && LOCAL_PAGE.test(origin));
}

function isOwnOrigin(origin: string, host: string | undefined): boolean {
  return host !== undefined && URL.parse(origin)?.host === host.toLowerCase();
}

/** The `origin` option that both HTTP and Socket.IO take. */
export function corsOrigin(rules: OriginRules) {
  return (
    origin: string | undefined,
    answer: (error: Error | null, allowed: boolean) => void,
  ): void => {
    answer(null, origin !== undefined && isAllowedOrigin(rules, origin));
  };
}

/**
 * Whether a socket may be opened. CORS does not hold for WebSockets, so that a page of any origin could otherwise try;
 * programs, which send no origin, may.
 */
export function mayConnect(rules: OriginRules, { origin, host }: IncomingHttpHeaders): boolean {
  return origin === undefined || isOwnOrigin(origin, host) || isAllowedOrigin(rules, origin);
}
