import { applyEvent, type ClientState, type ServerEvent } from '../core/index.js';
import { Listeners, type Readable } from '../readable.js';
import { isEntry } from '../transport/server-events.js';
import { initialModel, type Model } from './model.js';

/** Holds the model, and tells of each change of it and of each event that has taken effect. */
export class Hub implements Readable<Model> {
  private model: Model = initialModel;
  private readonly listeners = new Listeners();

  /** @param onEffect Called once for each event, in the order in which they took effect, after the model has changed. */
  constructor(
    private readonly onEffect: (event: ServerEvent) => void,
    private readonly onChange: (model: Model) => void = () => undefined,
  ) {}

  getSnapshot(): Model {
    return this.model;
  }

  subscribe(listener: () => void): () => void {
    return this.listeners.add(listener);
  }

  update(change: (model: Model) => Model): void {
    const after = change(this.model);
    if (after === this.model) return;
    this.model = after;
    this.onChange(after);
    this.listeners.notify();
  }

  updateState(change: (state: ClientState) => ClientState): void {
    this.update((model) => {
      if (!model.state) return model;
      const state = change(model.state);
      return state === model.state ? model : { ...model, state };
    });
  }

  /** Applies events in one change of the model, together with whatever `also` changes. */
  apply(events: readonly ServerEvent[], also: (model: Model) => Model = (model) => model): void {
    const effects: ServerEvent[] = [];
    this.update((model) => {
      let { state } = model;
      for (const event of events) state = state && step(state, event, effects);
      return also(state === model.state ? model : { ...model, state });
    });
    for (const event of effects) this.onEffect(event);
  }
}

/** Applies one event, and notes what took effect by it: it may wait for others, and others may have waited for it. */
function step(state: ClientState, event: ServerEvent, effects: ServerEvent[]): ClientState {
  const after = applyEvent(state, event);
  if (after === state) return state;
  if (!isEntry(event)) {
    effects.push(event);
    return after;
  }
  const { chatId, seq } = event.payload;
  const [before, chat] = [state.chats.get(chatId), after.chats.get(chatId)];
  if (!before || !chat) return after;
  if (seq <= chat.lastSeq) effects.push(event);
  const waited = [...before.ahead.values()].filter(
    ({ payload }) => payload.seq <= chat.lastSeq && payload.seq > seq,
  );
  effects.push(...waited.toSorted((a, b) => a.payload.seq - b.payload.seq));
  return after;
}
