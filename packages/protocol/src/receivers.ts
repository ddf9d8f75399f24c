/** Whose sockets an event goes to (FAN-1). Each event names one of these. */
export const receivers = {
  members:
    'Every socket of every member of the chat, except the one that sent the command; a command that came by HTTP excludes none.',
  others: 'Every socket of every member of the chat but for the user whom it is about.',
  contacts:
    'Every socket of the users with whom the user shares a direct chat or a group of up to 100 members (PRES-1).',
  own: 'Every socket of the user concerned, the acting one included.',
  reader: 'The sockets of the one member concerned, in place of what the others get.',
  socket: 'The one socket concerned.',
  all: 'Every socket of the node.',
} as const;

export type Receivers = keyof typeof receivers;
