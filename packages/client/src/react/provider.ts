import { createContext, createElement, type ReactNode, useContext } from 'react';
import type { ChatClient } from '../client.js';

const ClientContext = createContext<ChatClient | undefined>(undefined);

export interface ChatProviderProps {
  /** Made outside of the components, so that it outlives them: it is the state. */
  readonly client: ChatClient;
  readonly children?: ReactNode;
}

/** Gives a client to all hooks below. It neither connects nor disconnects it. */
export function ChatProvider({ client, children }: ChatProviderProps): ReactNode {
  return createElement(ClientContext, { value: client }, children);
}

/** The client of the nearest `ChatProvider`. */
export function useChatClient(): ChatClient {
  const client = useContext(ClientContext);
  if (!client) throw new Error('Wrap the application in <ChatProvider client={…}>');
  return client;
}
