/** What becomes of a request that comes when its sender has used up his rate. */
export const overRate = {
  refused: '`RATE_LIMITED` with `retryAfterMs`; nothing was done.',
  gathered: 'Carried out later, together with others of its kind, and answered then.',
  ignored: 'Answered as a success, without effect.',
} as const;

export type OverRate = keyof typeof overRate;

export interface RateClassDefinition {
  /** Completes "one device may …". */
  readonly what: string;
  /** How many one device may send each second, on and on. An operator may change it. */
  readonly perSecond: number;
  readonly over: OverRate;
}

/**
 * The classes by which commands and routes are limited. All of one class, over both doors, count together: for the
 * device, and for its user over all of his devices.
 */
export const rateClasses = {
  send: { what: 'send messages', perSecond: 100, over: 'refused' },
  change: { what: 'change anything else', perSecond: 50, over: 'refused' },
  receipt: { what: 'move marks', perSecond: 100, over: 'gathered' },
  ephemeral: { what: 'tell what is not kept', perSecond: 20, over: 'ignored' },
  read: { what: 'read', perSecond: 100, over: 'refused' },
} as const satisfies Record<string, RateClassDefinition>;

export type RateClass = keyof typeof rateClasses;

/** Each class as requests per second of one device. */
export type Rates = Readonly<Record<RateClass, number>>;

/** The classes that can be refused: an answer over HTTP cannot be left without effect unseen. */
type AnsweredClass = {
  [C in RateClass]: (typeof rateClasses)[C]['over'] extends 'ignored' ? never : C;
}[RateClass];

/**
 * The class of a route; `exempt` are those without a login, which have no user to count for. Logins and registrations
 * have limits of their own (AUTH-4).
 */
export type RouteRate = AnsweredClass | 'exempt';

export const rateAllowances = {
  /** After a pause a device may send as much at once as in this many seconds. An operator may change it. */
  burstSeconds: 20,
  /** What all devices of a user have together, as a multiple of what one has. */
  devicesPerUser: 2,
  /**
   * Commands of one socket that are not answered yet; one more is over its rate. Above what a user may send at once, so
   * that who keeps to his rates comes near it only where the server is slow.
   */
  commandsInFlight: 4096,
  /** A socket that is over its rates this many times more than `excessPerSecond` lets pass is cut. */
  excess: 5000,
  excessPerSecond: 100,
} as const;
