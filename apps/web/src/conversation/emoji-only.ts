// As a string: the compiler does not know the flag by the name of its edition yet.
const EMOJI = new RegExp(String.raw`^(?:\p{RGI_Emoji}|\s)+$`, 'v');
const MOST = 3;

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** One to three emoji and nothing else: they are shown large. */
export function isEmojiOnly(text: string): boolean {
  const content = text.trim();
  if (content.length > 40 || !EMOJI.test(content)) return false;
  const count = [...segmenter.segment(content)].filter(({ segment }) => segment.trim()).length;
  return count <= MOST;
}
