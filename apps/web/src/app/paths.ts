/** Every address of the web client. */
export const paths = {
  home: '/',
  newChat: '/new',
  newGroup: '/new/group',
  publicGroups: '/new/public',
  starred: '/starred',
  archived: '/archived',
  settings: '/settings',
  setting: (section: string) => `/settings/${section}`,
  chat: (chatId: string) => `/c/${chatId}`,
  message: (chatId: string, messageId: string) => `/c/${chatId}/m/${messageId}`,
  chatInfo: (chatId: string) => `/c/${chatId}/info`,
  chatSearch: (chatId: string) => `/c/${chatId}/search`,
  chatMedia: (chatId: string) => `/c/${chatId}/media`,
  chatTranscript: (chatId: string) => `/c/${chatId}/transcript`,
  invite: (code: string) => `/invite/${code}`,
} as const;
