/** Whose sockets an event goes to (FAN-1). Each event names one of these. */
export const receivers = {
  members:
    'Every socket of every member of the chat, except the one that sent the command; a command that came by HTTP excludes none.',
  others: 'Every socket of every member of the chat but for the user whom it is about.',
  own: 'Every socket of the user concerned, the acting one included.',
  reader: 'The sockets of the one member concerned, in place of what the others get.',
  socket: 'The one socket concerned.',
  all: 'Every socket of the node.',
} as const;

export type Receivers = keyof typeof receivers;
