/**
 * Who may use a command or a route. Each of them names one of these, and the authorization table of the tests says for
 * each what every kind of caller is answered. Strangers are answered `NOT_FOUND` wherever a chat is concerned (PRIV-1).
 */
export const policies = {
  anyone: 'Nobody has to log in.',
  user: 'Every user who is logged in, about himself or what he may see of others.',
  viewer: 'Members of the chat; of a public group, everybody sees its description.',
  joiner: 'Members of the chat; a public group, or one to which he has an invite, anybody joins.',
  member: 'Members of the chat.',
  sender: "Members of the chat whom the group's settings let send (CHAT-2).",
  author: 'Members of the chat, each for the messages that he wrote (MSG-2).',
  deleter:
    'Members of the chat: for themselves every message; for everyone their own, admins those of members and admins, owners all (MSG-3).',
  adder:
    'Members of a group whom its settings let add others (CHAT-2). A direct chat is `FORBIDDEN`.',
  editor:
    'Members of a group whom its settings let edit its info; admins for its settings and visibility (CHAT-2).',
  remover: 'Admins of a group remove members, owners everybody; everybody himself (CHAT-2).',
  owner: 'Owners of a group (CHAT-2).',
  mediaReader:
    'Who uploaded the file, and members of a chat with a message that holds it and that they can see (MEDIA-2).',
  uploader: 'Who uploaded the file; `FORBIDDEN` to others who may read it (MEDIA-2).',
  invited: 'Whoever has an invite.',
  leaver: 'Members of a group. A direct chat is `FORBIDDEN` (CHAT-1).',
} as const;

export type Policy = keyof typeof policies;
