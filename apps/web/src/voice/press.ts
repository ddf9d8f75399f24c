/** A press of the button that records, which may be let go of before what it began is on the screen. */
export interface Press {
  readonly x: number;
  readonly y: number;
  readonly at: number;
  isReleased: boolean;
}

/** Until now it is a click, after which recording goes on by itself. */
const CLICK_MS = 400;
const CANCEL_DISTANCE = 100;
const LOCK_DISTANCE = 80;

/** Follows a press from its beginning on. */
export function beginPress({
  clientX: x,
  clientY: y,
}: {
  clientX: number;
  clientY: number;
}): Press {
  const press: Press = { x, y, at: performance.now(), isReleased: false };
  const release = (): void => {
    press.isReleased = true;
  };
  addEventListener('pointerup', release, { once: true });
  addEventListener('pointercancel', release, { once: true });
  return press;
}

/** What moving a held press means: sideways, away from the button, gives the recording up; upwards lets it go on. */
export function meaningOf(
  press: Press,
  to: { readonly clientX: number; readonly clientY: number },
  isRightToLeft: boolean,
): 'cancel' | 'lock' | undefined {
  const aside = (press.x - to.clientX) * (isRightToLeft ? -1 : 1);
  if (aside > CANCEL_DISTANCE) return 'cancel';
  return press.y - to.clientY > LOCK_DISTANCE ? 'lock' : undefined;
}

export function isClick({ at }: Press, now = performance.now()): boolean {
  return now - at < CLICK_MS;
}
