import type { ChatHandle, ChatItem, MemberItem } from '@natter/client';
import { useChat, useChatClient, useMe, useMembers } from '@natter/client/react';
import { EllipsisVertical, UserPlus } from 'lucide-react';
import { lazy, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import { paths } from '../app/paths.js';
import { type Say, useText } from '../i18n/use-text.js';
import { PersonRow } from '../people/person-row.js';
import { IconButton } from '../ui/button.js';
import { confirm } from '../ui/confirm.js';
import { showDialog } from '../ui/dialog.js';
import { type MenuAction, showMenu } from '../ui/menu.js';
import { Section } from '../ui/panel.js';
import { useTask } from '../ui/use-task.js';
import { mayAddMembers, mayRemove } from './rights.js';

const AddMembersDialog = lazy(() => import('./add-members-dialog.js'));

const roles = ['owner', 'admin', 'member'] as const;

interface ActionContext {
  readonly chat: ChatItem;
  readonly handle: ChatHandle;
  readonly say: Say;
  readonly run: (task: () => Promise<unknown>) => void;
}

function roleActions(member: MemberItem, { chat, handle, say, run }: ActionContext): MenuAction[] {
  if (chat.role !== 'owner') return [];
  return roles.map((role) => ({
    label: say(`role.${role}`),
    isChosen: member.role === role,
    run: () => run(() => handle.setRole(member.person.id, role)),
  }));
}

function removal(member: MemberItem, { chat, handle, say, run }: ActionContext): MenuAction[] {
  if (!mayRemove(chat, member)) return [];
  const { id, displayName: name } = member.person;
  const remove = (): void => {
    void confirm({
      title: say('groups.removeTitle', { name }),
      action: say('groups.remove'),
      cancel: say('common.cancel'),
      isDangerous: true,
    }).then((isSure) => {
      if (isSure) run(() => handle.removeMember(id));
    });
  };
  return [{ label: say('groups.remove'), isDangerous: true, run: remove }];
}

/** Who is in a group, and what may be done about each. */
export function MembersSection({ chat }: { readonly chat: ChatItem }): ReactNode {
  const say = useText();
  const me = useMe();
  const client = useChatClient();
  const [handle] = useChat(chat.id);
  const members = useMembers(chat.id);
  const [, navigate] = useLocation();
  const { run } = useTask();

  const actionsFor = (member: MemberItem): MenuAction[][] => {
    const context = { chat, handle, say, run };
    const message: MenuAction = {
      label: say('people.message'),
      run: () =>
        run(async () => {
          const direct = await client.chats.createDirect(member.person.id);
          navigate(paths.chat(direct.id));
        }),
    };
    const isMe = member.person.id === me?.id;
    return [
      isMe ? [] : [message],
      roleActions(member, context),
      isMe ? [] : removal(member, context),
    ];
  };

  return (
    <Section title={say('groups.members', { count: chat.memberCount })}>
      {mayAddMembers(chat) && (
        <button
          type="button"
          onClick={() =>
            showDialog({
              title: say('groups.add'),
              content: (close) => (
                <AddMembersDialog
                  handle={handle}
                  without={members.map(({ person }) => person.id)}
                  onClose={close}
                />
              ),
            })
          }
          className="hover:bg-hover flex min-h-14 w-full items-center gap-3 rounded-xl px-2 font-medium"
        >
          <span className="bg-brand text-on-brand grid size-10 place-items-center rounded-full">
            <UserPlus className="size-5" />
          </span>
          {say('groups.add')}
        </button>
      )}
      <ul>
        {members.map((member) => {
          const groups = actionsFor(member).filter((actions) => actions.length > 0);
          const name = member.person.displayName;
          return (
            <PersonRow
              key={member.person.id}
              userId={member.person.id}
              {...(member.role !== 'member' && { note: say(`role.${member.role}`) })}
              action={
                groups.length > 0 && (
                  <IconButton
                    label={say('groups.memberActions', { name })}
                    aria-haspopup="menu"
                    onClick={(event) =>
                      showMenu({ anchor: event.currentTarget, label: name, groups })
                    }
                  >
                    <EllipsisVertical className="size-4.5" />
                  </IconButton>
                )
              }
            />
          );
        })}
      </ul>
    </Section>
  );
}
