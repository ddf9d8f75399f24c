/** What something belongs to that opens over the page, or where on the screen it was asked for. */
export type Anchor = Element | { readonly x: number; readonly y: number };

/** As what the overlays take for their place. */
export function placeOf(anchor: Anchor): Element | { getBoundingClientRect: () => DOMRect } {
  return anchor instanceof Element
    ? anchor
    : { getBoundingClientRect: () => new DOMRect(anchor.x, anchor.y, 0, 0) };
}
