import type { ChatItem, MessageItem, NewFile, TimelineItem } from '@natter/client';
import { useMembers } from '@natter/client/react';
import { Smile } from 'lucide-react';
import {
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { AttachButton } from '../media/attach-button.js';
import type { Tray } from '../media/tray.js';
import { TrayStrip } from '../media/tray-strip.js';
import { useText } from '../i18n/use-text.js';
import { IconButton } from '../ui/button.js';
import { showEmojiPicker } from '../ui/emoji-picker.js';
import { Recorder, type RecordingRequest } from '../voice/recorder.js';
import type { ComposerTask } from './composer-task.js';
import { ComposerTaskBar } from './composer-task-bar.js';
import { useConversation } from './conversation-context.js';
import { MentionList } from './mention-list.js';
import { mentionedIn, type MentionQuery, mentionQueryAt } from './mentions.js';
import { SendButton } from './send-button.js';
import { useDraft } from './use-draft.js';

interface ComposerFieldProps {
  readonly chat: ChatItem;
  readonly items: readonly TimelineItem[];
  readonly task: ComposerTask;
  readonly onTask: (task: ComposerTask) => void;
  /** What goes along with the text. */
  readonly tray: Tray;
  readonly onSent: () => void;
}

const touches = matchMedia('(pointer: coarse)');
const WRITE: ComposerTask = { type: 'write' };

/** The newest message of the user's own that can be edited. */
function lastEditable(items: readonly TimelineItem[]): MessageItem | undefined {
  const found = items.findLast(
    (item) =>
      item.type === 'message' && item.isOwn && item.kind === 'text' && item.deletedAt === undefined,
  );
  return found?.type === 'message' ? found : undefined;
}

/** Where one writes: the text, what it answers or changes, and whom it names. */
export function ComposerField({
  chat,
  items,
  task,
  onTask,
  tray,
  onSent,
}: ComposerFieldProps): ReactNode {
  const say = useText();
  const { handle, edit } = useConversation();
  const members = useMembers(chat.id);
  const field = useRef<HTMLTextAreaElement>(null);
  const { text, setText, clear } = useDraft({ handle, chat, items, task, onTask });
  const [query, setQuery] = useState<MentionQuery>();
  // Kept beside the edit that it is of, and not set by an effect: what is typed at once would come before that.
  const [rewritten, setRewritten] = useState<{ task: ComposerTask; text: string }>();
  const original = task.type === 'edit' ? (task.message.text ?? '') : '';
  const editText = rewritten?.task === task ? rewritten.text : original;
  const isEditing = task.type === 'edit';
  const shown = isEditing ? editText : text;
  const change = isEditing ? (next: string) => setRewritten({ task, text: next }) : setText;
  const hasFiles = !isEditing && tray.files.length > 0;
  // Without a caption a message has its files still (MSG-2).
  const hasMore = hasFiles || (task.type === 'edit' && task.message.kind === 'media');
  const isEmpty = shown.trim() === '' && !hasMore;

  // A reply or an edit begins with the field in focus.
  useEffect(() => {
    if (task.type !== 'write' || !touches.matches) field.current?.focus();
  }, [task]);
  // What is chosen is captioned next.
  useEffect(() => {
    if (hasFiles && !touches.matches) field.current?.focus();
  }, [hasFiles]);

  const caretAfter = useRef<number>(undefined);
  useLayoutEffect(() => {
    const area = field.current;
    if (!area) return;
    area.style.height = 'auto';
    area.style.height = `${area.scrollHeight}px`;
    const caret = caretAfter.current;
    caretAfter.current = undefined;
    if (caret !== undefined) area.setSelectionRange(caret, caret);
  }, [shown]);

  const replyTo = task.type === 'reply' ? { replyTo: task.message } : {};

  const [recording, setRecording] = useState<RecordingRequest>();
  function endRecording(note: NewFile | undefined): void {
    setRecording(undefined);
    // It takes the focus once it is not inert any more.
    requestAnimationFrame(() => {
      if (!touches.matches) field.current?.focus();
    });
    if (!note) return;
    handle.sendMedia({ files: [note], ...replyTo });
    onTask(WRITE);
    onSent();
  }

  function send(): void {
    const content = shown.trim();
    if (isEmpty) return;
    if (isEditing) {
      if (content !== original) void handle.edit(task.message, content);
      onTask(WRITE);
      return;
    }
    const said = { text: content, ...mentioned(content), ...replyTo };
    if (hasFiles) handle.sendMedia({ files: tray.take(), ...said });
    else handle.send(said);
    clear();
    onTask(WRITE);
    onSent();
  }

  function mentioned(content: string): { mentions?: string[] } {
    const mentions = chat.type === 'group' ? mentionedIn(content, members) : [];
    return mentions.length > 0 ? { mentions } : {};
  }

  function insert(from: number, to: number, inserted: string): void {
    // Set along with the text: what is typed next goes behind it, however late the next frame is.
    caretAfter.current = from + inserted.length;
    change(shown.slice(0, from) + inserted + shown.slice(to));
    // A picker has the focus until it is gone.
    requestAnimationFrame(() => field.current?.focus());
  }

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>): void {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey && !touches.matches) {
      event.preventDefault();
      send();
    } else if (event.key === 'Escape' && task.type !== 'write') {
      event.preventDefault();
      onTask(WRITE);
    } else if (event.key === 'ArrowUp' && shown === '' && task.type === 'write') {
      const last = lastEditable(items);
      if (!last) return;
      event.preventDefault();
      edit(last);
    }
  }

  const candidates = query && chat.type === 'group' ? query : undefined;
  return (
    <div className="bg-panel border-line relative shrink-0 border-t pb-[env(safe-area-inset-bottom)]">
      {candidates && (
        <MentionList
          query={candidates}
          members={members}
          field={field}
          onPick={(name) => {
            insert(candidates.start, candidates.end, `@${name} `);
            setQuery(undefined);
          }}
          onClose={() => setQuery(undefined)}
        />
      )}
      <ComposerTaskBar task={task} onEnd={() => onTask(WRITE)} />
      {!isEditing && <TrayStrip tray={tray} />}
      <div className="relative">
        <div inert={recording !== undefined} className="flex items-end gap-1 p-2">
          <IconButton
            label={say('composer.emoji')}
            aria-haspopup="dialog"
            onClick={(event) => {
              const at = field.current?.selectionStart ?? shown.length;
              showEmojiPicker({
                anchor: event.currentTarget,
                onPick: (emoji) => insert(at, at, emoji),
              });
            }}
          >
            <Smile className="size-5.5" />
          </IconButton>
          {!isEditing && <AttachButton onFiles={tray.add} />}
          <textarea
            ref={field}
            data-region-focus=""
            data-composer=""
            rows={1}
            value={shown}
            dir={shown === '' ? undefined : 'auto'}
            aria-label={say('composer.label')}
            placeholder={say(hasFiles ? 'composer.caption' : 'composer.placeholder')}
            enterKeyHint={touches.matches ? 'enter' : 'send'}
            onChange={(event) => {
              change(event.target.value);
              setQuery(mentionQueryAt(event.target.value, event.target.selectionStart));
              if (isEditing) return;
              if (event.target.value === '') handle.typing.stop();
              else handle.typing.keystroke();
            }}
            onBlur={() => handle.typing.stop()}
            onKeyDown={onKeyDown}
            className="bg-field placeholder:text-muted max-h-44 [overflow-wrap:anywhere] min-h-10 grow resize-none rounded-3xl px-4 py-2.25 leading-5.5 outline-offset-0 focus-visible:outline-1"
          />
          <SendButton
            isEditing={isEditing}
            isEmpty={isEmpty}
            onSend={send}
            onRecord={(press) => setRecording({ press })}
          />
        </div>
        <Recorder request={recording} onEnd={endRecording} />
      </div>
    </div>
  );
}
