import { choiceFor } from '../ui/choice-for.js';

const colours = [
  'text-[#5142b5] dark:text-[#b6acff]',
  'text-[#0b5f8a] dark:text-[#7cc7ee]',
  'text-[#1c6a45] dark:text-[#7dd3a8]',
  'text-[#80530c] dark:text-[#e9bd74]',
  'text-[#9c2638] dark:text-[#ff9aa5]',
  'text-[#84297a] dark:text-[#eba3e1]',
];

/** The colour in which somebody's name stands above his messages; the same for him everywhere. */
export function nameColour(id: string): string | undefined {
  return choiceFor(id, colours);
}
